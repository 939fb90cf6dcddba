/**
 * The entries beside admission's, which may not hold up what they are asked about: where nobody answers, the API server goes on. Pepr
 * 1.1.4: it has one entry with one failure policy for all kinds. Goes when it has one for each.
 */
import {
  asksForDatabases,
  optedIn,
  podsMade,
  policiesPath,
  servesPolicies,
} from "../claim/injection";
import { group } from "../claim/names";
import type { ApiClient } from "../cluster/client";
import { faultOf } from "../cluster/paths";
import type { Beside, ConfigurationPlural, Webhook } from "./webhook-entry";

/** In s: so long it waits at most for a module that hangs. */
const longestWait = { forPods: 2, forNamespaces: 5 };

/**
 * Has pods filled that ask for databases, where the API server does not do so by itself: Kubernetes 1.36 carries out the policy that
 * `zero-touch-postgres injection` prints. Only pods that ask, in namespaces that opted in, are sent here.
 */
export function injectionEntry(entry: Webhook): Webhook {
  return {
    ...entry,
    ...{ name: `injection.${group}`, rules: [podsMade], matchConditions: [asksForDatabases] },
    ...{ namespaceSelector: optedIn, objectSelector: {}, reinvocationPolicy: "IfNeeded" },
    ...{ failurePolicy: "Ignore", timeoutSeconds: longestWait.forPods },
  };
}

const isNotLeaving = {
  name: "not-on-its-way-out",
  expression: "!has(oldObject.metadata.deletionTimestamp)",
};

/** Has namespaces judged before they are deleted: Kubernetes would delete the databases in one, whatever their claims say. */
export function namespaceEntry(entry: Webhook): Webhook {
  const namespaces = {
    apiGroups: [""],
    apiVersions: ["v1"],
    operations: ["DELETE"],
    resources: ["namespaces"],
  };
  return {
    ...entry,
    ...{ name: `namespaces.${group}`, rules: [namespaces], matchConditions: [isNotLeaving] },
    ...{ namespaceSelector: {}, objectSelector: {} },
    ...{ failurePolicy: "Ignore", timeoutSeconds: longestWait.forNamespaces },
  };
}

/** What is to be called beside admission. */
export async function besideOf(api: ApiClient, plural: ConfigurationPlural): Promise<Beside> {
  if (plural === "validatingwebhookconfigurations") return entry => [namespaceEntry(entry)];
  const { code, body } = await api({ method: "GET", path: policiesPath });
  if (code >= 300) throw faultOf(`reading what ${policiesPath} serves`, code, body);
  return servesPolicies(body) ? () => [] : entry => [injectionEntry(entry)];
}
