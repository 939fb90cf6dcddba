// `npm run bench`: from claim to mirrored secret and to Ready for many claims at once, beside what a plain client reaches in
// the same run. Figures are to be read as ratios: machines differ. PostgreSQL itself is left out (stand-in without servers).
import { secretResource } from "../../capabilities/kubernetes/objects";
import { parseArgs } from "node:util";
import type { ApiClient } from "../../capabilities/cluster/client";
import { collectionPath } from "../../capabilities/cluster/paths";
import { claimResource, labels } from "../../capabilities/claim/names";
import type { ControlPlane } from "../control-plane/servers";
import type { RunningModule } from "../module";
import { until } from "../waiting";
import { between, requestCounts, type RequestCounts } from "./api-requests";
import { onBenchRig, say, watcherFigures } from "./rig";
import { percentiles, type Results, table } from "./results";
import { type Seen, watchFor } from "./sightings";
import {
  byHand,
  claimNames,
  createClaim,
  namespace,
  removeClaims,
  runByHand,
  sideBySide,
} from "./workload";

type Rig = {
  readonly controlPlane: ControlPlane;
  readonly module: RunningModule;
  readonly api: ApiClient;
  readonly names: readonly string[];
};

const defaultClaims = "200";
/** Ceiling and module by turns, so that whatever else the machine does meets both. */
const defaultRounds = "3";
/** A process compiles the code that it runs most during its first hundred claims or so. */
const warmUpClaims = 100;

async function measureCeiling(rig: Rig): Promise<{ seconds: number; requests: RequestCounts }> {
  const { controlPlane, module, api, names } = rig;
  await module.scale("watcher", 0);
  const before = await requestCounts(controlPlane);
  const milliseconds = await runByHand(api, controlPlane.kubeconfig, names);
  const requests = between(before, await requestCounts(controlPlane));
  await module.scale("watcher", 1);
  await clear(rig);
  return { seconds: milliseconds / 1000, requests };
}

/** Brings the watcher's watches, its store and its compiled code to where they are on a normal day. */
async function warmUp(rig: Rig): Promise<void> {
  const { controlPlane, api, names } = rig;
  const path = collectionPath(claimResource, namespace);
  const few = names.slice(0, warmUpClaims);
  const ready = await watchFor(controlPlane.kubeconfig, path, readyClaim);
  await sideBySide(few, async name => void (await createClaim(api, name)));
  await ready.all(few.length, "warming up");
  ready.stop();
  await clear({ ...rig, names: few });
}

async function measureModule(rig: Rig, ceilingRequests: RequestCounts): Promise<ModuleFigures> {
  const { controlPlane, api, names } = rig;
  const { kubeconfig } = controlPlane;
  const atStart = await watcherFigures(rig.module, rig.controlPlane);
  const before = await requestCounts(controlPlane);
  const secretPath = collectionPath(secretResource, namespace);
  const secrets = await watchFor(kubeconfig, secretPath, claimOfSecret);
  const ready = await watchFor(kubeconfig, collectionPath(claimResource, namespace), readyClaim);
  const created = new Map<string, number>();
  const begun = performance.now();
  await sideBySide(names, async name => {
    created.set(name, performance.now());
    await createClaim(api, name);
  });
  await ready.all(names.length, "waiting for the claims to be Ready");
  await secrets.all(names.length, "waiting for the connection secrets");
  const seconds = (Math.max(...ready.times.values()) - begun) / 1000;
  for (const watch of [secrets, ready]) watch.stop();
  const requests = between(before, await requestCounts(controlPlane));
  const atN = await watcherFigures(rig.module, rig.controlPlane);
  await clear(rig);
  const since = (times: ReadonlyMap<string, number>): readonly number[] =>
    names.map(name => (times.get(name) ?? NaN) - (created.get(name) ?? NaN));
  return {
    seconds,
    toSecret: percentiles(since(secrets.times)),
    toReady: percentiles(since(ready.times)),
    requests: moduleRequests(requests, ceilingRequests, names.length),
    watcher: { atStart, atN, afterDeletion: await watcherFigures(rig.module, rig.controlPlane) },
  };
}

type ModuleFigures = Results["rounds"][number]["module"];

/** Both runs hold the same work of the users and of the stand-in; what is left of the second, and the ceiling's own, is the module's. */
function moduleRequests(
  all: RequestCounts,
  ceiling: RequestCounts,
  claims: number,
): Readonly<Record<string, number>> {
  const own = new Map(byHand.map(key => [key, claims]));
  const perClaim = [...between(ceiling, all), ...byHand.map(key => [key, 0] as const)].map(
    ([key]) =>
      [
        key,
        ((all.get(key) ?? 0) - (ceiling.get(key) ?? 0) + (own.get(key as never) ?? 0)) / claims,
      ] as const,
  );
  const worthTelling = perClaim.filter(([, count]) => Math.abs(count) >= 0.05);
  return Object.fromEntries(worthTelling.map(([key, count]) => [key, Number(count.toFixed(2))]));
}

async function clear({ controlPlane, api, names }: Rig): Promise<void> {
  await removeClaims(api, names);
  await until(
    async () => {
      const left = await controlPlane.kubectl([
        "get",
        "pgi,clusters,secrets",
        "-n",
        namespace,
        "-o",
        "name",
      ]);
      return left.code === 0 && left.stdout.trim() === "";
    },
    { what: "waiting for everything to be gone", seconds: 300 },
  );
}

function claimOfSecret({ metadata }: Seen): string | undefined {
  return metadata.labels?.[labels.claimName];
}

function readyClaim({ metadata, status }: Seen): string | undefined {
  const isReady = status?.conditions?.some(
    ({ type, status: is }) => type === "Ready" && is === "True",
  );
  return isReady ? metadata.name : undefined;
}

async function measureRound(rig: Rig): Promise<Results["rounds"][number]> {
  const claims = rig.names.length;
  await warmUp(rig);
  say(`the ceiling: ${claims} claims by a plain client`);
  const ceiling = await measureCeiling(rig);
  await warmUp(rig);
  say(`the module: ${claims} claims`);
  const module = await measureModule(rig, ceiling.requests);
  return { ceilingSeconds: ceiling.seconds, module };
}

async function bench(claims: number, count: number): Promise<Results> {
  return onBenchRig(async ({ controlPlane, module, api, definitions }) => {
    const rig: Rig = { controlPlane, module, api, names: claimNames(claims) };
    const rounds: Results["rounds"][number][] = [];
    while (rounds.length < count) rounds.push(await measureRound(rig));
    return { claims, definitions, rounds };
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      claims: { type: "string", default: defaultClaims },
      rounds: { type: "string", default: defaultRounds },
      json: { type: "boolean", default: false },
    },
  });
  const results = await bench(Number(values.claims), Number(values.rounds));
  process.stdout.write(
    values.json
      ? `${JSON.stringify(results, undefined, 2)}\n`
      : `${table(results)}\n${JSON.stringify(results)}\n`,
  );
}

main().then(
  () => process.exit(0),
  (fault: unknown) => {
    say(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
    process.exit(1);
  },
);
