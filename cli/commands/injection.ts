/** `injection`: what fills the environment of workloads that name claims. */
import { exitCodes, type Command } from "../command";

export const injectionCommand: Command = {
  name: "injection",
  summary: "Prints the policy that fills the environment of workloads",
  usage: "",
  details: [
    "A MutatingAdmissionPolicy of Kubernetes 1.36: the API server carries it out itself. It is for namespaces with the label",
    "database.bizmatters.io/inject=true, and pods with the annotation database.bizmatters.io/inject: CLAIM[,CLAIM...].",
    "Before 1.36 it is not needed: the module's webhook does the same.",
  ],
  options: {},
  positionals: { least: 0, most: 0 },
  words: [],
  examples: [
    {
      what: "Into a cluster",
      line: "zero-touch-postgres injection | kubectl apply --server-side -f -",
    },
  ],
  run: async (_given, terminal) => {
    const { injectionManifests } = await import("../injection/policy");
    const { manifestsOf } = await import("../manifest");
    terminal.out(manifestsOf(injectionManifests()));
    return exitCodes.success;
  },
};
