/**
 * How a database of Zalando's operator is. The operator's status is one word, without a generation, and it was seen to be wrong both
 * ways: `Running` while nothing answered, and `CreateFailed` for what came up later (recordings, README). The StatefulSet and the
 * endpoints of the primary, which Patroni keeps, know better.
 */
import { refOf, type KubeObject, type Resource } from "../../kubernetes/objects";
import { statefulSetResource } from "../diagnosis/evidence";
import type { Health, Running, Witness } from "../operator";
import type { Postgresql } from "./postgresql";

/** https://github.com/zalando/postgres-operator/blob/v2.0.1/pkg/apis/acid.zalan.do/v1/const.go */
const failures: readonly string[] = ["CreateFailed", "UpdateFailed", "SyncFailed"];

const endpointsResource: Resource = {
  group: "",
  version: "v1",
  kind: "Endpoints",
  plural: "endpoints",
};

type StatefulSet = KubeObject & {
  readonly spec?: { readonly replicas?: number };
  readonly status?: {
    readonly observedGeneration?: number;
    readonly readyReplicas?: number;
  };
};

type Address = { readonly targetRef?: { readonly name?: string } };

type Endpoints = KubeObject & {
  readonly subsets?: readonly { readonly addresses?: readonly Address[] }[];
};

/**
 * Patroni renews its leadership in the endpoints every ten seconds: whoever watched them would hear that of each database. So they are
 * asked for, and only where the operator's word is to be believed or not.
 */
export function witnesses(database: KubeObject): readonly Witness[] {
  const ref = refOf(database);
  const isInDoubt = statusOf(database) === "Running" || hasFailed(database);
  return [
    { resource: statefulSetResource, ref, isLive: false },
    ...(isInDoubt ? [{ resource: endpointsResource, ref, isLive: true }] : []),
  ];
}

/** The operator's word; undefined while it has said nothing. */
export function statusOf(database: KubeObject): string | undefined {
  const { status } = database as KubeObject & {
    readonly status?: { readonly PostgresClusterStatus?: string };
  };
  // An object that was made by a client with an empty status has "".
  return status?.PostgresClusterStatus || undefined;
}

/** Whether the operator gave up for now. */
export function hasFailed(database: KubeObject): boolean {
  return failures.includes(statusOf(database) ?? "");
}

export function health(
  database: KubeObject,
  desired: KubeObject,
  found: readonly KubeObject[],
): Health {
  const word = statusOf(database);
  if (word === undefined) return { state: "progressing", message: "not begun yet" };
  if (word === "Invalid") return { state: "invalid", message: `${word}: ${whereToLook(database)}` };
  const unready = unreadyWords(desired, found);
  if (hasFailed(database)) return failed(database, word, unready === undefined);
  if (word !== "Running") return { state: "progressing", message: word };
  if (unready !== undefined) return { state: "progressing", message: `${word}, but ${unready}` };
  const { instances } = running(database, desired, found);
  return { state: "healthy", message: `${instances} of ${instances} instances are ready` };
}

/** Once the instances are there, the operator's next sync makes the roles and the database that it had given up waiting for. */
function failed(database: KubeObject, word: string, isUp: boolean): Health {
  if (word === "CreateFailed" && isUp) {
    const message = `${word}, but the instances came up since: the operator goes on at its next sync (resync_period, 30 minutes by default)`;
    return { state: "progressing", message };
  }
  return { state: "failed", message: `${word}: ${whereToLook(database)}` };
}

function whereToLook(database: KubeObject): string {
  const { name, namespace } = refOf(database);
  return `the events tell why: kubectl describe postgresql ${name} -n ${namespace}`;
}

/** Why the database does not answer as it is desired; undefined where it does. */
function unreadyWords(desired: KubeObject, found: readonly KubeObject[]): string | undefined {
  const { numberOfInstances: wanted } = (desired as Postgresql).spec;
  const set = statefulSetIn(found);
  if (!set) return "there is no StatefulSet yet";
  if (!isHeard(set)) return "its StatefulSet has just changed";
  const { replicas = 0 } = set.spec ?? {};
  if (replicas !== wanted) return `instances go from ${replicas} to ${wanted}`;
  const { readyReplicas = 0 } = set.status ?? {};
  if (readyReplicas < wanted) return `${readyReplicas} of ${wanted} instances are ready`;
  return addressesIn(found).length === 0 ? "no instance is the primary yet" : undefined;
}

/**
 * Revisions say nothing here: the operator replaces pods itself (`OnDelete`), or leaves them as they are for a while, and says
 * "Updating" as long as it is at work.
 */
function isHeard({ status = {}, metadata }: StatefulSet): boolean {
  return (status.observedGeneration ?? 0) >= (metadata.generation ?? 0);
}

/**
 * The version is that of the definition: a change of it is never written (`retaining`). What is wanted are instances of the claim;
 * those that are ready may be more for a moment.
 */
export function running(
  database: KubeObject,
  desired: KubeObject,
  found: readonly KubeObject[],
): Running {
  const { version } = (database as Partial<Postgresql>).spec?.postgresql ?? {};
  const primary = addressesIn(found)[0]?.targetRef?.name;
  return {
    instances: (desired as Postgresql).spec.numberOfInstances,
    readyInstances: statefulSetIn(found)?.status?.readyReplicas ?? 0,
    ...(primary === undefined ? {} : { primary }),
    ...(version === undefined ? {} : { version }),
  };
}

function statefulSetIn(found: readonly KubeObject[]): StatefulSet | undefined {
  return found.find(({ kind }) => kind === statefulSetResource.kind);
}

/** Where the Service of the primary leads to: to one pod, or nowhere. */
function addressesIn(found: readonly KubeObject[]): readonly Address[] {
  const endpoints = found.find(({ kind }) => kind === endpointsResource.kind);
  const { subsets = [] } = (endpoints ?? {}) as Partial<Endpoints>;
  return subsets.flatMap(({ addresses = [] }) => addresses);
}
