/** The command line of the stand-in for CNPG. */
import { parseArgs } from "node:util";

export const usage = `npx tsx local/stand-in/cnpg.ts --kubeconfig FILE [options]

Plays CloudNativePG for the Clusters of an API server, with a real PostgreSQL server for each on 127.0.0.1.

  --kubeconfig FILE  which API server, by its current context
  --speed real|fast  real (default): a Cluster is healthy after about 3 s; fast: as soon as its server answers
  --no-postgres      no servers: Secret and healthy status at once, two writes per Cluster; for benchmarks
  --no-crd           do not register a CRD: use the one that is installed, or wait for it
  --help             this text`;

export type Options = {
  readonly kubeconfig: string;
  /** For how long each phase stands at least, in ms. */
  readonly pause: number;
  readonly hasPostgres: boolean;
  readonly registersCrd: boolean;
};

/** CNPG takes about 19 s with images that are there already; two phases of this length are enough to be seen. */
const realPause = 1300;

/** The options in `args`; throws with the fault of an unknown or missing one. */
export function optionsFrom(args: readonly string[]): Options | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      kubeconfig: { type: "string" },
      speed: { type: "string", default: "real" },
      "no-postgres": { type: "boolean", default: false },
      "no-crd": { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return "help";
  const { kubeconfig, speed } = values;
  if (kubeconfig === undefined) throw new Error("--kubeconfig FILE is missing");
  if (speed !== "real" && speed !== "fast")
    throw new Error(`--speed is real or fast, not ${speed}`);
  const hasPostgres = !values["no-postgres"];
  const pause = speed === "real" && hasPostgres ? realPause : 0;
  return { kubeconfig, pause, hasPostgres, registersCrd: !values["no-crd"] };
}
