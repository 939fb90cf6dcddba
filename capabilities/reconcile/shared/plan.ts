/** What is to be made of a claim for a database in a shared instance, from the claim and what is there of the instance. */
import { judgeDatabase } from "../../admission/database/judgement";
import { neededNames } from "../../claim/access";
import { withDigest } from "../../claim/applied";
import { conditionIn, connectionRef, type Claim } from "../../claim/claim";
import {
  connectionLimitOf,
  inOrderOfAge,
  instanceRef,
  isDataKept,
  isSharedWith,
  ownDatabase,
  ownRole,
  type DatabaseClaim,
} from "../../claim/database";
import { quote } from "../../claim/schema";
import { given } from "../../kubernetes/given";
import { describe, type Violation } from "../../claim/violation";
import { keyOf, refOf, type KubeObject, type Ref } from "../../kubernetes/objects";
import type { SharedDatabases, Tenant } from "../../operator/operator";
import { accessPlan } from "../access/plan";
import { backupPlan, type Plan } from "../plan";
import type { Verdict } from "../status";
import { operatorWithin } from "./operator-within";

/** What was read of an instance for a claim in it. */
export type Surroundings = {
  /** Undefined where it is not there. */
  readonly instance: Claim | undefined;
  /** The plan of the instance, or everything that is wrong with it; undefined where it is not there. */
  readonly host: Plan | readonly Violation[] | undefined;
  /** Labels of the claim's namespace, where the instance asks for some. */
  readonly namespaceLabels: Readonly<Record<string, string>>;
  /** Every claim for the instance. */
  readonly tenants: readonly DatabaseClaim[];
  /** The operator's object of the instance. */
  readonly found: KubeObject | undefined;
};

/** The part of a plan that only a database in a shared instance has. */
export type SharedPlan = {
  readonly shared: SharedDatabases;
  readonly tenant: Tenant;
  readonly instance: Ref;
  readonly secret: Ref;
  /** In the order in which they are made. */
  readonly objects: readonly KubeObject[];
  /** Why no database may be made; one that is there stays. */
  readonly refused: Verdict | undefined;
  /** Why nothing can be done in the instance at present. */
  readonly unready: Verdict | undefined;
  /** When the instance's database was made: what is older was made for one before it. */
  readonly since: string;
};

/** What a claim for a database asks for, without faults; else what it is told. */
export function planDatabase(
  claim: DatabaseClaim,
  around: Surroundings,
  proofOf: (place: Ref) => string,
): Plan | Verdict {
  const place = `PostgresInstance ${keyOf(instanceRef(claim))}`;
  const { instance, host } = around;
  if (!instance || !host) {
    const message = `${place} is not there: create it, or make a claim that names another; the claim goes on by itself`;
    return { reason: "InstanceNotFound", message };
  }
  if (instance.metadata.deletionTimestamp !== undefined) {
    return { reason: "InstanceNotFound", message: `${place} is being deleted` };
  }
  if (!("database" in host)) {
    return { reason: "InstanceNotReady", message: `${place} breaks a rule: ${describe(host)}` };
  }
  const { violations } = judgeDatabase(claim, undefined, {
    instance: host.claim,
    chosen: host.chosen,
  });
  if (violations.length > 0) return { reason: "Invalid", message: describe(violations) };
  const taken = takenBy(claim, host, around.found);
  if (taken) return taken;
  const { found } = around;
  return (
    planWithin({ claim, host, found, refused: refusedBy(claim, host, around) }, proofOf) ??
    unshared(host)
  );
}

function unshared({ claim, operator }: Plan): Verdict {
  const message = `PostgresInstance ${keyOf(refOf(claim))} is run by ${operator.title}, which cannot keep databases of several claims apart here: name an instance whose class is CloudNativePG's`;
  return { reason: "Invalid", message };
}

/** The owner whom credentials that the instance brings are for: all else of its own the rules know. */
function takenBy(
  claim: DatabaseClaim,
  { claim: instance, operator }: Plan,
  found: KubeObject | undefined,
): Verdict | undefined {
  const name = found && operator.objects.ownerOf(found);
  if (name === undefined || !neededNames(claim).includes(name)) return undefined;
  const message = `${quote(name)} is the own database or owner of PostgresInstance ${keyOf(refOf(instance))}: set spec.databaseName and spec.owner to other names`;
  return { reason: "NameTaken", message };
}

/** A claim beside the plan of its instance. */
export type Within = {
  readonly claim: DatabaseClaim;
  readonly host: Plan;
  /** The operator's object of the instance, if it is there. */
  readonly found: KubeObject | undefined;
  /** Why no database may be made. */
  readonly refused: Verdict | undefined;
};

/** Rendering is this with nothing observed, and nothing signed. Undefined where the instance's operator has no shared databases. */
export function planWithin(
  { claim, host, found, refused }: Within,
  proofOf: (place: Ref) => string = () => "",
): Plan | undefined {
  const { chosen, operator } = host;
  const { sharedDatabases: shared } = operator;
  if (!shared) return undefined;
  const tenant = tenantOf(claim, host);
  const objects = shared.objects(tenant).map(withDigest);
  const database = objects[objects.length - 1];
  if (!database) throw new Error(`${operator.title} makes no object of a database`);
  const secret = shared.passwordSecret(tenant);
  const within = operatorWithin(
    { plan: host, found, shared },
    { claim, database, secret, proofOf },
  );
  const asked = asInstanceClaim(claim, host.claim);
  const login = loginSecret(claim, secret);
  const endpoint = within.objects.endpoint(asked, chosen);
  return {
    claim: asked,
    chosen,
    operator: within,
    database,
    optional: [],
    backup: login && backupPlan(asked, chosen, within, login),
    access: accessPlan(claim, {
      ...{ tenant, shared, host: found },
      source: login && { endpoint, credentials: login },
    }),
    ref: connectionRef(claim),
    shared: {
      ...{ shared, tenant, instance: refOf(host.claim), secret, objects, refused },
      unready: unreadyVerdict(host.claim, found),
      since: found?.metadata.creationTimestamp ?? "",
    },
  };
}

function tenantOf(claim: DatabaseClaim, { claim: instance, operator, chosen }: Plan): Tenant {
  return {
    claim,
    instance: operator.objects.ref(instance, chosen),
    instanceUid: instance.metadata.uid ?? "",
    database: ownDatabase(claim),
    owner: ownRole(claim),
    connectionLimit: connectionLimitOf(claim, chosen),
    extensions: claim.spec.extensions ?? [],
    isDataKept: isDataKept(claim),
  };
}

/** The claim in the words of one for an instance, as far as the connection secret and backups need them. */
function asInstanceClaim(claim: DatabaseClaim, { spec }: Claim): Claim {
  const { backup, restore } = claim.spec;
  const names = { databaseName: ownDatabase(claim), databaseOwner: ownRole(claim) };
  return { ...claim, spec: { ...names, ...given({ version: spec.version, backup, restore }) } };
}

/** A pod of backups takes the password from a Secret of its own namespace; undefined where none has it. */
function loginSecret(claim: DatabaseClaim, password: Ref): Ref | undefined {
  const { namespace } = refOf(claim);
  return [connectionRef(claim), password].find(ref => ref?.namespace === namespace);
}

function refusedBy(claim: DatabaseClaim, host: Plan, around: Surroundings): Verdict | undefined {
  const { namespace = "" } = claim.metadata;
  const place = `PostgresInstance ${keyOf(refOf(host.claim))}`;
  if (!isSharedWith(host.claim, namespace, around.namespaceLabels)) {
    const others =
      namespace === host.claim.metadata.namespace
        ? "share: {}"
        : `share: {namespaces: [${namespace}]}`;
    const message = `${place} does not share itself with namespace ${namespace}: its owner allows it by spec.${others}; the claim goes on by itself then`;
    return { reason: "NotShared", message };
  }
  const { maxDatabases: most } = host.chosen.shared;
  if (around.tenants.length <= most) return undefined;
  const rank = inOrderOfAge(around.tenants).findIndex(
    ({ metadata }) => metadata.uid === claim.metadata.uid,
  );
  if (rank < most) return undefined;
  const message = `${place} holds ${most} databases, as many as class ${host.chosen.name} allows (spec.shared.maxDatabases): name another instance, or delete a claim that is not needed`;
  return { reason: "InstanceFull", message };
}

/**
 * Why nobody can use a database in the instance; undefined where it serves. One that was told of a change, as of another claim's login,
 * serves on.
 */
export function troubleOf({ status }: Claim): string | undefined {
  const ready = conditionIn(status, "DatabaseReady");
  if (!ready) return "nothing has been made of it yet";
  const isServing = ready.status === "True" || ready.reason === "DatabaseUpdating";
  return isServing ? undefined : `${ready.reason}: ${ready.message}`;
}

function unreadyVerdict(instance: Claim, found: KubeObject | undefined): Verdict | undefined {
  const why = troubleOf(instance);
  if (found && why === undefined) return undefined;
  const message = `PostgresInstance ${keyOf(refOf(instance))} is not ready: ${why ?? "its database is gone"}`;
  return { reason: "InstanceNotReady", message };
}
