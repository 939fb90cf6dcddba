/** `crds`: the definitions of PostgresInstance, PostgresDatabase and PostgresClass. */
import { definitions } from "../../capabilities/crd/crd";
import { exitCodes, type Command } from "../command";

export const crdsCommand: Command = {
  name: "crds",
  summary: "Prints the CustomResourceDefinitions",
  usage: "",
  details: ["The module registers them itself when it starts; GitOps may want them earlier."],
  options: {},
  positionals: { least: 0, most: 0 },
  words: [],
  examples: [
    { what: "Into a cluster", line: "zero-touch-postgres crds | kubectl apply --server-side -f -" },
  ],
  run: async (_given, terminal) => {
    const { manifestsOf } = await import("../manifest");
    terminal.out(manifestsOf(definitions));
    return exitCodes.success;
  },
};
