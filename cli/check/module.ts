/** The module itself: whether its pods are there, and whether the API server reaches its webhook. */
import { configurationName, entryName, generatedName } from "../../capabilities/pepr/webhook-entry";
import { fieldOf } from "../../capabilities/kubernetes/record";
import { notKnown, ok, problem, warning, type Finding } from "./finding";
import { availability } from "./operators";
import { seenValue, whyUnknown, type Surveyed } from "./surveyed";

type Given = Pick<Surveyed, "module" | "trial" | "webhooks">;

const notInstalled = "not installed yet: npx pepr deploy";

/** Whether anything of it is known to be there; who may see none of its parts may have a claim judged. */
export function isInstalled({ module, trial, webhooks }: Given): boolean {
  const seen = [module.admission, module.watcher, ...webhooks];
  return seen.some(one => seenValue<unknown>(one) !== undefined) || hasAnswered(trial);
}

function hasAnswered(trial: Given["trial"]): boolean {
  if (trial.outcome === "made") return isFilledIn(trial.claim);
  return trial.outcome === "failed" && trial.message.includes(`"${entryName}"`);
}

/** Admission fills in what was left out. */
function isFilledIn(claim: unknown): boolean {
  return fieldOf(fieldOf(claim, "spec"), "version") !== undefined;
}

export function moduleFindings(given: Given): readonly Finding[] {
  const { module, webhooks } = given;
  if (!isInstalled(given)) {
    const why = [module.admission, module.watcher, ...webhooks]
      .map(one => whyUnknown<unknown>(one))
      .find(one => one !== undefined);
    return [why === undefined ? ok("Module", notInstalled) : notKnown("Module", why)];
  }
  return [
    podFinding("Admission", module.admission),
    podFinding("Watcher", module.watcher),
    ...webhookFindings(given),
  ];
}

function podFinding(subject: string, seen: Given["module"]["admission"]): Finding {
  const why = whyUnknown(seen);
  if (why !== undefined) return notKnown(subject, why);
  const found = seenValue(seen);
  if (!found) {
    const said = "its Deployment is not there, and other parts of the module are";
    return problem(subject, said, "npx pepr deploy");
  }
  const { availableReplicas = 0 } = found.status ?? {};
  return availability(subject, found) ?? ok(subject, `${availableReplicas} available`);
}

const subject = "Webhook";

/** What came of a claim that was made without being stored. */
function webhookFindings({ trial, webhooks }: Given): readonly Finding[] {
  switch (trial.outcome) {
    case "not served": {
      const said = "cannot be asked: PostgresInstance is not served";
      return [problem(subject, said, "see why the module does not start: its CRDs come first")];
    }
    case "forbidden":
      return [notKnown(subject, trial.message, "-n NAMESPACE names one where you may make claims")];
    case "failed":
      return [failureFinding(trial.message)];
    case "made":
      return [madeFinding(trial.claim, webhooks)];
  }
}

function madeFinding(claim: unknown, webhooks: Given["webhooks"]): Finding {
  if (isFilledIn(claim)) {
    return ok(subject, "judges claims (one was made, and not stored)");
  }
  const isMissing = webhooks.every(one => "value" in one && one.value === undefined);
  const said = isMissing
    ? `is not registered: WebhookConfigurations ${configurationName} are not there`
    : "was not asked, and claims are stored as they come";
  return problem(subject, said, "npx pepr deploy");
}

/** https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/ */
function failureFinding(message: string): Finding {
  const [, unreached] = /failed calling webhook "([^"]+)"/.exec(message) ?? [];
  if (unreached !== undefined) return unreachedFinding(unreached, message);
  const [, denied] = /admission webhook "([^"]+)" denied the request/.exec(message) ?? [];
  if (denied === undefined) return notKnown(subject, message);
  if (isOurs(denied)) return ok(subject, "judges claims (it refused one that was not stored)");
  return warning(subject, message, `see why ${denied} takes no claims`);
}

function unreachedFinding(webhook: string, message: string): Finding {
  if (isOurs(webhook)) {
    const remedy =
      "see its pods (kubectl get pods -n pepr-system), and whether the API server reaches them on port 3000";
    return problem(subject, `the API server cannot reach it: ${message}`, remedy);
  }
  return problem(subject, `another one is in the way of claims: ${message}`, `mend ${webhook}`);
}

function isOurs(webhook: string): boolean {
  return webhook === entryName || webhook === generatedName;
}
