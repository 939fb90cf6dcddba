/**
 * The entry by which the API server has pods filled that ask for databases, where it does not do so by itself: Kubernetes 1.36 carries
 * out the policy that `zero-touch-postgres injection` prints. Pepr 1.1.4: it has one entry with one failure policy for all kinds. Goes when
 * no older Kubernetes is supported.
 */
import { asksForDatabases, optedIn, podsMade } from "../claim/injection";
import { group } from "../claim/names";
import type { ApiClient } from "../cluster/client";
import { faultOf } from "../cluster/paths";
import { fieldOf } from "../kubernetes/record";
import type { Beside, ConfigurationPlural, Webhook } from "./webhook-entry";

const injectionName = `injection.${group}`;

/** In s: a pod waits that long at most for a module that hangs, and is then made without. */
const longestWait = 2;

/** Only pods that ask, in namespaces that opted in, are sent here; and where nobody answers they are made all the same. */
export function injectionEntry(entry: Webhook): Webhook {
  const scope = { rules: [podsMade], namespaceSelector: optedIn, objectSelector: {} };
  return {
    ...entry,
    ...scope,
    ...{ name: injectionName, matchConditions: [asksForDatabases] },
    ...{ failurePolicy: "Ignore", timeoutSeconds: longestWait, reinvocationPolicy: "IfNeeded" },
  };
}

const none: Beside = () => [];

/** What is to be called beside admission. */
export async function besideOf(api: ApiClient, plural: ConfigurationPlural): Promise<Beside> {
  if (plural !== "mutatingwebhookconfigurations") return none;
  const path = "/apis/admissionregistration.k8s.io/v1";
  const { code, body } = await api({ method: "GET", path });
  if (code >= 300) throw faultOf(`reading what ${path} serves`, code, body);
  return servesPolicies(body) ? none : entry => [injectionEntry(entry)];
}

function servesPolicies(served: unknown): boolean {
  const resources = fieldOf(served, "resources");
  return (
    Array.isArray(resources) &&
    resources.some(one => fieldOf(one, "name") === "mutatingadmissionpolicies")
  );
}
