/** The module's start: registers the CRDs, then hands the capability to Pepr. */
import { Log, PeprModule } from "pepr";
import { registerDefinitions } from "./capabilities/cluster/definitions";
import { redactSecrets } from "./capabilities/pepr/log-redaction";
import { api, joinWebhooks, postgres, refusals, watchForAdmission } from "./capabilities/postgres";
import { tendWebhookServer } from "./capabilities/pepr/webhook-server";
import { guardWebhook } from "./capabilities/pepr/webhook-guard";
import cfg from "./package.json";

/** `pepr build` loads this file to read the bindings: no cluster may be asked for then. */
const isBuild = process.env.PEPR_MODE === "build";
const isAdmission =
  !isBuild && process.env.PEPR_MODE !== "dev" && process.env.PEPR_WATCH_MODE !== "true";

function start(): void {
  // Pepr's hook is given the answer itself, before it is sent.
  new PeprModule(cfg, [postgres], { afterHook: refusals.refuse });
}

async function startInCluster(): Promise<void> {
  redactSecrets();
  tendWebhookServer();
  guardWebhook(line => {
    Log.warn(line);
  });
  await registerDefinitions(api);
  // Before it is ready: the API server must trust this pod before it is led here.
  if (isAdmission) await joinWebhooks();
  start();
  if (isAdmission) await watchForAdmission();
}

if (isBuild) {
  start();
} else {
  startInCluster().catch((fault: unknown) => {
    // The kubelet starts the pod again, with growing delays.
    Log.error(fault, "zero-touch-postgres could not start");
    process.exit(1);
  });
}
