/** `version`: of this program. */
import { version } from "../../package.json";
import { exitCodes, type Command } from "../command";

export const versionCommand: Command = {
  name: "version",
  summary: "Prints the version",
  usage: "",
  details: [],
  options: {},
  positionals: { least: 0, most: 0 },
  words: [],
  examples: [{ what: "Which version is this", line: "zero-touch-postgres version" }],
  run: (_given, terminal) => {
    terminal.out(`${version}\n`);
    return Promise.resolve(exitCodes.success);
  },
};
