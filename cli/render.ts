/** The operator's objects of a plan, as files and pipelines take them: GitOps applies them, so nothing in them is of a cluster. */
import { databaseOwner, externalCredentials, isOwnerBrought } from "../capabilities/claim/claim";
import { type KubeObject, keyOf, refOf } from "../capabilities/kubernetes/objects";
import { isRecord } from "../capabilities/kubernetes/record";
import { annotations, labels } from "../capabilities/claim/names";
import { quote } from "../capabilities/claim/schema";
import type { Plan } from "../capabilities/reconcile/plan";

/** All objects of all plans, by kind, namespace and name: the same for the same claims, whatever their order was. */
export function renderedObjects(plans: readonly Plan[]): readonly KubeObject[] {
  const objects = plans.flatMap(({ database, optional, backup, shared, access }) => [
    ...(shared?.objects ?? [database]),
    ...(access?.logins ?? []).map(({ object }) => object),
    ...optional.flatMap(({ desired }) => (desired ? [desired] : [])),
    ...(backup?.cronJob ? [backup.cronJob] : []),
  ]);
  return objects.map(portable).sort(byIdentity);
}

/** Claims that leave the owner to the Secret that they bring, which is read in a cluster alone: what was taken in its place. */
export function guessedOwners(plans: readonly Plan[]): readonly string[] {
  return plans.flatMap(({ claim }) => {
    const brought = externalCredentials(claim);
    if (!brought || !isOwnerBrought(claim)) return [];
    const secret = `the username in Secret ${quote(brought.name)}, which only a cluster has`;
    const guess = `${quote(databaseOwner(claim))} stands for it here: set spec.databaseOwner to be sure`;
    return [`claim ${keyOf(refOf(claim))}: the owner is ${secret}; ${guess}`];
  });
}

/**
 * Without the owner and the labels with uids, which only a cluster knows, and without our digest, which is of the manifest with
 * its owner: what else the module writes.
 */
export function portable<T extends KubeObject>(whole: T): T {
  const object = withoutUid(whole) as T;
  const { metadata } = object;
  const kept = without(metadata.annotations ?? {}, annotations.applied);
  const hasAnnotations = Object.keys(kept).length > 0;
  const { labels: marks = {} } = metadata;
  const portableMetadata = {
    ...without(without(without(metadata, "ownerReferences"), "annotations"), "labels"),
    ...(Object.keys(marks).length > 0 ? { labels: marks } : {}),
    ...(hasAnnotations ? { annotations: kept } : {}),
  };
  return { ...object, metadata: portableMetadata };
}

/** Labels whose values are uids. */
const ofCluster: readonly string[] = [labels.claimUid, labels.accessIn];

/** Templates within an object bear the label as well. */
function withoutUid(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutUid);
  if (!isRecord(value)) return value;
  const fields = Object.entries(value).filter(([field]) => !ofCluster.includes(field));
  return Object.fromEntries(fields.map(([field, inner]) => [field, withoutUid(inner)]));
}

function without<T extends object>(fields: T, name: string): T {
  // The cast leaves out what may be left out of both that this is used for.
  return Object.fromEntries(Object.entries(fields).filter(([field]) => field !== name)) as T;
}

/** By code units: the order of a language would be another one elsewhere. */
function byIdentity(a: KubeObject, b: KubeObject): number {
  const key = ({ kind, metadata }: KubeObject): readonly string[] => [
    kind,
    metadata.namespace ?? "",
    metadata.name,
  ];
  const [ours, theirs] = [key(a), key(b)];
  const at = ours.findIndex((part, index) => part !== theirs[index]);
  if (at === -1) return 0;
  return (ours[at] ?? "") < (theirs[at] ?? "") ? -1 : 1;
}
