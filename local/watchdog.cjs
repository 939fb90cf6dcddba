// Cleans up after the process that started it (processes.ts), however that one ends: its death, by SIGKILL too, closes our
// standard input. Then what it named there and did not take back is ended and removed: process groups first, then folders.
const { rmSync } = require("node:fs");
const { createInterface } = require("node:readline");

const left = { group: new Set(), folder: new Set() };

function note(line) {
  const [, sign, kind, name] = /^([+-])(group|folder) (.+)$/.exec(line) ?? [];
  if (sign === "+") left[kind].add(name);
  if (sign === "-") left[kind].delete(name);
}

function kill(group) {
  try {
    process.kill(-Number(group), "SIGKILL");
  } catch {
    // It has ended by itself.
  }
}

function cleanUp() {
  left.group.forEach(kill);
  for (const folder of left.folder) {
    rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 });
  }
}

createInterface({ input: process.stdin }).on("line", note).on("close", cleanUp);
