/** The command line of a stand-in. */
import { parseArgs } from "node:util";

/** What the command line of a stand-in takes. */
export function usageOf({
  title,
  script,
}: {
  readonly title: string;
  readonly script: string;
}): string {
  return `npx tsx local/stand-in/${script}.ts --kubeconfig FILE [options]

Plays ${title} for the objects of an API server, with a real PostgreSQL server for each on 127.0.0.1.

  --kubeconfig FILE  which API server, by its current context
  --speed real|fast  real (default): a database is healthy after about 3 s; fast: as soon as its server answers
  --no-postgres      no servers: Secret and healthy status at once; for benchmarks
  --no-crd           do not register a CRD: use the one that is installed, or wait for it
  --help             this text`;
}

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
