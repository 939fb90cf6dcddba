// Preloaded into the module's processes by the benchmark: on SIGUSR2, collects garbage and notes what memory is left.
const { writeFileSync } = require("node:fs");
const { setFlagsFromString } = require("node:v8");
const { runInNewContext } = require("node:vm");

if (process.env.HEAP_FILE) {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  process.on("SIGUSR2", () => {
    collect();
    collect();
    writeFileSync(`${process.env.HEAP_FILE}.${process.pid}`, JSON.stringify(process.memoryUsage()));
  });
}
