/** The module's start: registers the CRDs, then hands the capability to Pepr. */
import { Log, PeprModule } from "pepr";
import { createClient, type ApiClient } from "./capabilities/cluster/client";
import { registerDefinitions } from "./capabilities/cluster/definitions";
import { createWatcher, startAdmission, type Logger } from "./capabilities/module";
import { redactSecrets } from "./capabilities/pepr/log-redaction";
import { createRefusals } from "./capabilities/pepr/refusals";
import { joinWebhooks, keepWebhooksJoined } from "./capabilities/pepr/webhook-joining";
import { guardWebhook } from "./capabilities/pepr/webhook-guard";
import { tendWebhookServer } from "./capabilities/pepr/webhook-server";
import { createCapability, type Handlers } from "./capabilities/postgres";
import { createAdmission } from "./capabilities/webhook/admission";
import { classKindJudged } from "./capabilities/webhook/class";
import { databaseKind } from "./capabilities/webhook/database";
import { podReviewer } from "./capabilities/webhook/injection";
import { instanceKind } from "./capabilities/webhook/instance";
import { namespaceReviewer } from "./capabilities/webhook/namespace";
import type { AdmissionWorld } from "./capabilities/webhook/world";
import cfg from "./package.json";

/** `pepr build` loads this file to read the bindings: no cluster may be asked for then. */
const isBuild = process.env.PEPR_MODE === "build";
const isDev = process.env.PEPR_MODE === "dev";
/** With `pepr dev` one process does both. */
const isWatcher = isDev || process.env.PEPR_WATCH_MODE === "true";
const isAdmission = isDev || !isWatcher;
/** With `pepr dev` the API server calls by URL, as Pepr has it. */
const isCalled = isAdmission && !isDev;

const refusals = createRefusals();
const logger: Logger = {
  warn: (line, claim) => {
    Log.warn(claim === undefined ? {} : { claim }, line);
  },
};

/** Where nothing is judged: while building, and in the pod that watches. */
const nothingKnown: AdmissionWorld = {
  classes: notJudged,
  classNamed: notJudged,
  rivals: () => [],
  claimNamed: notJudged,
  holdingsIn: notJudged,
  databasesWriting: notJudged,
  instancesNeeding: notJudged,
  claims: notJudged,
  claimsIn: notJudged,
};

async function notJudged(): Promise<never> {
  return Promise.reject(new Error("this process judges nothing"));
}

type Parts = { readonly world: AdmissionWorld; readonly heard: Handlers["heard"] };

function start(api: ApiClient, { world, heard }: Parts): void {
  const capability = createCapability({
    instances: createAdmission(instanceKind(api, world), refusals),
    databases: createAdmission(databaseKind(api, world), refusals),
    classes: createAdmission(classKindJudged(world), refusals),
    heard,
  });
  // Pepr's hook is given the answer itself, before it is sent.
  new PeprModule(cfg, [capability], { afterHook: refusals.refuse });
}

async function startInCluster(): Promise<void> {
  redactSecrets();
  tendWebhookServer();
  const client = createClient();
  await registerDefinitions(client.api);
  const options = { client, random: Math.random, warn: logger.warn };
  const world = isAdmission ? await startAdmission(client, logger) : nothingKnown;
  guardWebhook(logger.warn, [podReviewer, namespaceReviewer(world)]);
  // Before it is ready: the API server must trust this pod before it is led here.
  if (isCalled) await joinWebhooks(options);
  const watcher = isWatcher ? createWatcher(client, logger) : undefined;
  start(client.api, { world, heard: watcher?.heard ?? (() => undefined) });
  watcher?.start();
  if (isCalled) keepWebhooksJoined(options);
}

if (isBuild) {
  start(notJudged, { world: nothingKnown, heard: () => undefined });
} else {
  startInCluster().catch((fault: unknown) => {
    // The kubelet starts the pod again, with growing delays.
    Log.error(fault, "zero-touch-postgres could not start");
    process.exit(1);
  });
}
