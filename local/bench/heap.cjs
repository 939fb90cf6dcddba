// Preloaded into the module's processes by the benchmark: on SIGUSR2, notes how much it has worked, collects garbage and notes what memory is left.
const { writeFileSync } = require("node:fs");
const { setFlagsFromString } = require("node:v8");
const { runInNewContext } = require("node:vm");

if (process.env.HEAP_FILE) {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc");
  process.on("SIGUSR2", () => {
    // Before the collection, which is the measurement's own.
    const cpu = process.cpuUsage();
    collect();
    collect();
    const noted = { cpu, memory: process.memoryUsage() };
    writeFileSync(`${process.env.HEAP_FILE}.${process.pid}`, JSON.stringify(noted));
  });
}
