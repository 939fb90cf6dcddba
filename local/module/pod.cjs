// Loaded before anything else into each process of a pod that pod.ts plays, and into those that it forks: gives it the
// surroundings that its container would have. Files of the pod lie below POD_FOLDER; the container's port becomes a free
// one on loopback, which is noted with the process's id in the file `listening` there.
const childProcess = require("node:child_process");
const fs = require("node:fs");
const { syncBuiltinESMExports } = require("node:module");
const net = require("node:net");
const path = require("node:path");

const containerPort = 3000;
const podFolder = process.env.POD_FOLDER;
const podPaths = [
  "/app/api-path/",
  "/app/load/",
  "/app/module-",
  "/etc/certs/",
  "/var/run/secrets/kubernetes.io/serviceaccount/",
];

function inPod(file) {
  const belongs = typeof file === "string" && podPaths.some(start => file.startsWith(start));
  return belongs ? path.join(podFolder, file) : file;
}

function mapFirstArgument(object, names) {
  for (const name of names) {
    const original = object[name];
    object[name] = (file, ...rest) => original.call(object, inPod(file), ...rest);
  }
}

mapFirstArgument(childProcess, ["fork"]);
mapFirstArgument(fs, [
  "accessSync",
  "existsSync",
  "readFile",
  "readFileSync",
  "stat",
  "statSync",
  "writeFileSync",
]);
mapFirstArgument(fs.promises, ["access", "readFile", "stat"]);

const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port, ...rest) {
  if (port !== containerPort) return listen.call(this, port, ...rest);
  this.once("listening", () => {
    const note = path.join(podFolder, "listening");
    // Renamed when complete: it is being waited for.
    fs.writeFileSync(
      `${note}.new`,
      JSON.stringify({ pid: process.pid, port: this.address().port }),
    );
    fs.renameSync(`${note}.new`, note);
  });
  const callbacks = rest.filter(argument => typeof argument === "function");
  return listen.call(this, { port: 0, host: "127.0.0.1" }, ...callbacks);
};

syncBuiltinESMExports();
