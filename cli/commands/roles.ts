/** `roles`: what people may do with claims and classes. */
import { exitCodes, type Command } from "../command";

export const rolesCommand: Command = {
  name: "roles",
  summary: "Prints ClusterRoles: who may make claims, and who may read them",
  usage: "",
  details: [
    "Kubernetes adds them to its own roles view, edit and admin: who has edit in a namespace may make claims there. One more",
    "lets the runtime of Service Binding read claims. The module needs none of them, and may not write them itself.",
  ],
  options: {},
  positionals: { least: 0, most: 0 },
  words: [],
  examples: [
    {
      what: "Into a cluster, by its admin",
      line: "zero-touch-postgres roles | kubectl apply --server-side -f -",
    },
    {
      what: "Whoever logs in may read classes",
      line: "kubectl create clusterrolebinding classes --clusterrole=zero-touch-postgres-classes --group=system:authenticated",
    },
  ],
  run: async (_given, terminal) => {
    const { teamRoles } = await import("../roles/team-roles");
    const { manifestsOf } = await import("../manifest");
    terminal.out(manifestsOf(teamRoles()));
    return exitCodes.success;
  },
};
