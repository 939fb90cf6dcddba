/** What every stand-in does: it registers its CRDs, answers until it is told to end, and clears up after itself. */
import { setTimeout as sleep } from "node:timers/promises";

import { connect, type Api } from "./api";
import { noDatabase, type Database } from "./database";
import { sweep } from "./folder";
import { optionsFrom, usageOf, type Options } from "./options";
import { postgres } from "./postgres";
import type { Queue } from "./queue";
import type { Feed } from "./watch";
import type { KubeObject } from "../../capabilities/kubernetes/objects";

export type Definition = KubeObject & {
  readonly spec: {
    readonly group: string;
    readonly scope: "Namespaced";
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly name: string }[];
  };
};

/** Everything that plays a part: whatever happens ends in a queue as the key of an object. */
export type Cast = {
  readonly queues: readonly Queue[];
  readonly database: Database;
  /** By the kinds that they bring. */
  readonly feeds: Readonly<Record<string, Pick<Feed<KubeObject>, "run" | "listed">>>;
};

export type StandIn = {
  /** The operator that is imitated, and its release. */
  readonly title: string;
  /** The script that was started. */
  readonly script: string;
  readonly definitions: readonly Definition[];
  readonly cast: (options: Options, api: Api) => Promise<Cast>;
};

const retryDelay = 200;
const crdPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** Runs the stand-in as this process, until a signal. */
export function run(standIn: StandIn): void {
  main(standIn).catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
}

async function main(standIn: StandIn): Promise<void> {
  const options = optionsFrom(process.argv.slice(2));
  if (options === "help") {
    say(usageOf(standIn));
    return;
  }
  say(
    `This is a stand-in for ${standIn.title}, not the operator itself: for local use only. ` +
      "All data is in a temporary folder and goes when the stand-in ends.",
  );
  const ending = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    process.once(signal, () => {
      ending.abort();
    });
  }
  for (const folder of await sweep()) say(`removed ${folder}: its stand-in has been killed`);
  await play(standIn, options, ending.signal);
  say("ended: servers stopped, data removed");
  process.exit();
}

/** Answers until the signal, then cleans up. */
async function play(standIn: StandIn, options: Options, signal: AbortSignal): Promise<void> {
  const api = await connect(options.kubeconfig);
  const { queues, database, feeds } = await standIn.cast(options, api);
  if (options.registersCrd) await registerCrds(standIn.definitions, api, signal);
  // The signal cuts the watches short: no news.
  const watching = (what: string) => (error: unknown) => {
    if (!signal.aborted) failure(`watching ${what}`)(error);
  };
  const runs = Object.entries(feeds).map(([what, { run: follow }]) =>
    follow(signal, watching(what)),
  );
  void Promise.all(Object.values(feeds).map(({ listed }) => listed)).then(() => {
    say(
      `ready: answering ${Object.keys(feeds).join(", ")} of ${api.server}, process ${process.pid}`,
    );
  });
  await Promise.all(runs);
  await Promise.all([...queues.map(({ stop }) => stop()), database.close()]);
}

/** Servers of which `onLost` hears when one ends without having been told to; none where they are not wanted. */
export function databaseFor(
  { hasPostgres }: Options,
  onLost: (uid: string) => void,
): Promise<Database> | Database {
  return hasPostgres ? postgres(onLost) : noDatabase();
}

/** Registers our CRDs where there are none, and waits until they are served; for the API server too if need be. */
async function registerCrds(
  definitions: readonly Definition[],
  api: Api,
  signal: AbortSignal,
): Promise<void> {
  for (const definition of definitions) {
    while (!signal.aborted && !(await isServed(api, definition))) await sleep(retryDelay);
  }
}

async function isServed(api: Api, definition: Definition): Promise<boolean> {
  const { name } = definition.metadata;
  const { group, names, versions } = definition.spec;
  try {
    if (await api.list(`/apis/${group}/${versions[0]?.name ?? ""}/${names.plural}`)) return true;
    const isThere = (await api.read(`${crdPath}/${name}`)) !== undefined;
    if (!isThere && (await api.create(crdPath, definition)))
      say(`registered a CRD of its own: ${name}`);
  } catch (error) {
    failure(`registering ${name}`)(error);
  }
  return false;
}

/** Tells what has failed and is tried again. */
export function failure(what: string): (error: unknown) => void {
  return error => {
    say(`${what}: ${error instanceof Error ? error.message : String(error)} - trying again`);
  };
}

export function say(line: string): void {
  console.log(line);
}
