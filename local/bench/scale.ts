// `npm run scale`: what many claims cost, with the stand-in without servers: memory by thousand, admission beside all of them, requests
// when nothing happens, and how soon a watcher that starts among them acts on a change.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import type { ApiClient } from "../../capabilities/cluster/client";
import { collectionPath, faultOf, pathOf } from "../../capabilities/cluster/paths";
import { claimResource } from "../../capabilities/claim/names";
import { clusterResource } from "../../capabilities/operator/cnpg/cluster";
import { until } from "../waiting";
import { between, requestCounts } from "./api-requests";
import { percentiles } from "./results";
import { onBenchRig, say, watcherFigures, type BenchRig } from "./rig";
import { watchFor, type Seen } from "./sightings";
import { claimNames, createClaim, namespace, sideBySide } from "./workload";

const defaultClaims = "10000";
/** Claims between two looks at the memory. */
const step = 1000;
/** Requests are counted for so long while nothing happens. */
const idleSeconds = 60;
/** Claims that are judged and not kept, for the times of admission. */
const judged = 300;
const mebibyte = 1024 * 1024;

type Step = { readonly claims: number; readonly seconds: number; readonly heapMiB: number };

type Scale = {
  readonly definitions: string;
  readonly steps: readonly Step[];
  /** In ms, of the API server's answers to claims that it does not keep. */
  readonly admission: { readonly alone: unknown; readonly beside: unknown };
  readonly idleRequestsPerSecond: number;
  readonly secondsToFirstAct: number;
};

function isReady({ metadata, status }: Seen): string | undefined {
  const ready = status?.conditions?.find(({ type }) => type === "Ready");
  return ready?.status === "True" ? metadata.name : undefined;
}

async function grow({ controlPlane, module, api }: BenchRig, claims: number): Promise<Step[]> {
  const { kubeconfig } = controlPlane;
  const names = claimNames(claims);
  const ready = await watchFor(kubeconfig, collectionPath(claimResource, namespace), isReady);
  const steps: Step[] = [];
  for (let made = 0; made < claims; made += step) {
    const begun = performance.now();
    const some = names.slice(made, made + step);
    await sideBySide(some, async name => void (await createClaim(api, name)));
    await ready.all(made + some.length, "waiting for the claims to be Ready");
    const seconds = (performance.now() - begun) / 1000;
    const { heap } = await watcherFigures(module, controlPlane);
    steps.push({ claims: made + some.length, seconds, heapMiB: heap / mebibyte });
    say(
      `${made + some.length} claims: ${seconds.toFixed(1)} s, ${(heap / mebibyte).toFixed(1)} MiB`,
    );
  }
  ready.stop();
  return steps;
}

/** How long the API server takes for claims that break no rule, one after the other. */
async function admissionTimes(api: ApiClient): Promise<unknown> {
  const times: number[] = [];
  for (let count = 0; count < judged; count++) {
    const name = `judged-${count}`;
    const body = {
      apiVersion: "database.bizmatters.io/v1alpha1",
      kind: "PostgresInstance",
      metadata: { name, namespace },
      spec: { size: "medium" },
      writeConnectionSecretToRef: { name: `${name}-connection` },
    };
    const begun = performance.now();
    const path = `${collectionPath(claimResource, namespace)}?dryRun=All`;
    const answer = await api({ method: "POST", path, body });
    if (answer.code >= 300) throw faultOf(name, answer.code, answer.body);
    times.push(performance.now() - begun);
  }
  return percentiles(times);
}

async function idleRequests({ controlPlane }: BenchRig): Promise<number> {
  const before = await requestCounts(controlPlane);
  await sleep(idleSeconds * 1000);
  const counts = between(before, await requestCounts(controlPlane));
  return [...counts.values()].reduce((sum, count) => sum + count, 0) / idleSeconds;
}

/** From the start of a watcher's process until it has acted on a change that was made while none ran. */
async function firstAct({ module, api }: BenchRig): Promise<number> {
  const ref = { name: "claim-0", namespace };
  await module.scale("watcher", 0);
  await api({
    method: "PATCH",
    path: pathOf(claimResource, ref),
    contentType: "application/merge-patch+json",
    body: { spec: { instances: 2 } },
  });
  const begun = performance.now();
  await module.scale("watcher", 1);
  await until(
    async () => {
      const { body } = await api({ method: "GET", path: pathOf(clusterResource, ref) });
      return (body as { spec?: { instances?: number } }).spec?.instances === 2;
    },
    { what: "waiting for the new watcher to act", seconds: 300 },
  );
  return (performance.now() - begun) / 1000;
}

async function scale(claims: number): Promise<Scale> {
  return onBenchRig(async rig => {
    const alone = await admissionTimes(rig.api);
    const steps = await grow(rig, claims);
    const beside = await admissionTimes(rig.api);
    const idleRequestsPerSecond = await idleRequests(rig);
    const secondsToFirstAct = await firstAct(rig);
    const { definitions } = rig;
    return {
      definitions,
      steps,
      admission: { alone, beside },
      idleRequestsPerSecond,
      secondsToFirstAct,
    };
  });
}

const { values } = parseArgs({ options: { claims: { type: "string", default: defaultClaims } } });
scale(Number(values.claims)).then(
  results => {
    process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
    process.exit(0);
  },
  (fault: unknown) => {
    say(fault instanceof Error ? (fault.stack ?? fault.message) : String(fault));
    process.exit(1);
  },
);
