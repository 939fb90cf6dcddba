#!/usr/bin/env node
/** The process of the command line: its streams and its exit code. */
import { basename } from "node:path";
import { buffer } from "node:stream/consumers";
import { exitCodes, type Terminal } from "./command";
import { messageOf } from "../sdk/fault";
import { textOf } from "./input/text";
import { run } from "./program";

/** Who reads our output may stop before its end, as `head` does: that is no fault, and nobody is left to be told. */
function letGo(fault: NodeJS.ErrnoException): void {
  if (fault.code === "EPIPE") process.exit();
  process.stderr.write(`zero-touch-postgres: cannot write: ${messageOf(fault)}\n`);
  process.exit(exitCodes.unavailable);
}

process.stdout.on("error", letGo);
process.stderr.on("error", letGo);

const terminal: Terminal = {
  out: words => void process.stdout.write(words),
  error: words => void process.stderr.write(words),
  input: async () => textOf(await buffer(process.stdin)),
  env: process.env,
};

/** Under the name that a Kratix pipeline calls it by it is that pipeline. */
const [, program = "", ...typed] = process.argv;
const words = basename(program).startsWith("execute-pipeline") ? ["kratix", ...typed] : typed;

void run(words, terminal).then(code => {
  // Not exit(): what is still on its way through a pipe would be lost.
  process.exitCode = code;
});
