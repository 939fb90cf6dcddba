/**
 * What a claim for a database in a shared instance leaves there. Its role cannot log in any more; then everything is removed, the
 * database first, or, where the data is to be kept, the password alone.
 */
import { isApplied, withDigest } from "../../claim/applied";
import { isDataKept, type DatabaseClaim } from "../../claim/database";
import { claimLabels } from "../../claim/labels";
import { labels } from "../../claim/names";
import {
  keyOf,
  refOf,
  secretResource,
  type KubeObject,
  type Ref,
  type Resource,
  type Secret,
} from "../../kubernetes/objects";
import { isContained } from "../../kubernetes/sameness";
import type { Operator, Search, SharedDatabases } from "../../operator/operator";
import { operators } from "../../operator/operators";
import { perRun } from "../per-run";
import type { Remains } from "../remains";
import { live, liveList, untried, type Need, type Situation, type Step } from "../run";
import { backupsKept, type ClaimEvent } from "../status";
import { isPassword, standingByName } from "./operator-within";

const aspect = "shared database";

type Sharing = { readonly operator: Operator; readonly shared: SharedDatabases };

const sharing: readonly Sharing[] = Object.values(operators).flatMap(operator =>
  operator.sharedDatabases ? [{ operator, shared: operator.sharedDatabases }] : [],
);

/** An object of the claim that is still there. */
type Left = Sharing & { readonly resource: Resource; readonly object: KubeObject };

export const remainsOfDatabase: Remains = { needs: needsOf, steps: stepsOf, left: leftWords, kept };

function needsOf(run: Situation): readonly Need[] {
  const resources = sharing.flatMap(({ shared }) => shared.resources);
  const found = foundOf(run);
  return [
    ...resources.map(resource => liveList(searchFor(run, resource))),
    ...found.map(({ resource, object }) => live(resource, refOf(object))),
    ...found.flatMap(instanceNeed),
  ];
}

/**
 * Of what bears the claim's uid: what an earlier claim of its name has left, and this one has not taken over, stays. A Secret with a
 * password bears the claim's name alone, since by the uid connection secrets are found, which are someone else's to remove.
 */
function searchFor({ claim }: Situation, resource: Resource): Search {
  const { claimKind, claimName, claimNamespace, claimUid } = labels;
  const marks = claimLabels(claim);
  const selector = (label: string): string => `${label}=${marks[label] ?? ""}`;
  const wanted =
    resource === secretResource
      ? [...[claimKind, claimName, claimNamespace].map(selector), `!${claimUid}`]
      : [selector(claimUid)];
  return { resource, namespace: "", labelSelector: wanted.join(",") };
}

const foundOf = perRun((run: Situation): readonly Left[] =>
  sharing.flatMap(one =>
    one.shared.resources.flatMap(resource =>
      (run.seen.list(searchFor(run, resource)) ?? [])
        .filter(object => isTheirs(object, resource, run))
        .map(object => ({ ...one, resource, object })),
    ),
  ),
);

/** As they are after what this run has done. */
const leftOf = perRun((run: Situation): readonly Left[] =>
  foundOf(run).flatMap(left => {
    const object = run.seen.object(left.resource, refOf(left.object));
    return object ? [{ ...left, object }] : [];
  }),
);

/** Labels alone prove nothing of a Secret: anyone may write them. */
function isTheirs(object: KubeObject, resource: Resource, run: Situation): boolean {
  const claim = run.claim as DatabaseClaim;
  return resource === secretResource
    ? isPassword(object as Secret, claim, run.proofOf)
    : standingByName(object, claim) !== "foreign";
}

function instanceNeed({ operator, shared, resource, object }: Left): readonly Need[] {
  if (resource === secretResource) return [];
  return [live(operator.objects.resource, shared.instanceOf(object))];
}

/** Whether the instance is there still: with it goes all that is in it. */
function hasInstance(run: Situation): boolean {
  const found = foundOf(run)
    .filter(({ resource }) => resource !== secretResource)
    .map(({ operator, shared, object }) =>
      run.seen.object(operator.objects.resource, shared.instanceOf(object)),
    );
  return found.some(instance => instance && instance.metadata.deletionTimestamp === undefined);
}

function isKept(run: Situation): boolean {
  return isDataKept(run.claim as DatabaseClaim) && hasInstance(run);
}

function stepsOf(run: Situation): readonly Step[] {
  const closing = closingSteps(run);
  return untried(run, closing.length > 0 ? closing : removalsOf(goingOf(run), run));
}

/** What is to be removed: where the data is kept, the password alone. */
function goingOf(run: Situation): readonly Left[] {
  const left = leftOf(run);
  return isKept(run) ? left.filter(({ resource }) => resource === secretResource) : left;
}

function closingSteps(run: Situation): readonly Step[] {
  return hasInstance(run) ? leftOf(run).flatMap(left => closingStep(left, run)) : [];
}

/** What keeps the role out, and says what becomes of the data when its object goes. */
function closingStep({ resource, shared, object: found }: Left, run: Situation): readonly Step[] {
  if (resource === secretResource || found.metadata.deletionTimestamp !== undefined) return [];
  const desired = withDigest(shared.departing(found, isDataKept(run.claim as DatabaseClaim)));
  if (isApplied(desired, found) && isContained(desired, found)) return [];
  const why = `closes ${resource.kind} ${keyOf(refOf(found))}: its claim is being deleted`;
  return [{ aspect, verb: "apply", resource, object: desired, found, why }];
}

/** All that is left of the first kind in order: the operator drops no role that still owns a database. */
function removalsOf(left: readonly Left[], run: Situation): readonly Step[] {
  const first = left[0]?.resource;
  return left
    .filter(
      ({ resource, object }) =>
        resource === first && object.metadata.deletionTimestamp === undefined,
    )
    .map(({ resource, shared, object }) => ({
      ...({ aspect, verb: "remove", resource, object } as const),
      why: `removes ${resource.kind} ${keyOf(refOf(object))}: its claim is being deleted`,
      ...(resource === shared.database && hasInstance(run)
        ? { event: droppedEvent(shared.instanceOf(object)) }
        : {}),
    }));
}

function droppedEvent(instance: Ref): ClaimEvent {
  const message = `the database in PostgresInstance ${keyOf(instance)} is dropped with its data: spec.deletionPolicy is Delete`;
  return { type: "Normal", reason: "DatabaseDropped", message };
}

/** The operator says nowhere why a database cannot be dropped; sessions are the reason that PostgreSQL has (recordings, 38). */
function leftWords(run: Situation): string | undefined {
  const [open] = closingSteps(run);
  if (open?.verb === "apply") {
    return `${open.resource.kind} ${keyOf(refOf(open.object))} could not be closed yet`;
  }
  const [first] = goingOf(run);
  if (!first) return undefined;
  const { operator, shared, resource, object } = first;
  const what = `${resource.kind} ${keyOf(refOf(object))}`;
  if (resource !== shared.database) return `${what} is still being removed by ${operator.title}`;
  return `${what} is still being dropped by ${operator.title}, which tries again about once a minute: end the sessions that are connected to the database, if there are any (stop the application)`;
}

function kept(run: Situation): ClaimEvent | undefined {
  if (!isKept(run)) return backupsKept(run);
  const found = leftOf(run).find(({ resource, shared }) => resource === shared.database);
  if (!found) return undefined;
  const { shared, object } = found;
  const instance = keyOf(shared.instanceOf(object));
  const message = `the database stays in PostgresInstance ${instance} (${object.kind} ${object.metadata.name}), where nobody logs in to it: a new PostgresDatabase of this name takes it over`;
  return { type: "Normal", reason: "DatabaseKept", message };
}
