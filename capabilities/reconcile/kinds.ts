/** The kinds of claims: how each is planned from what is there, and what a claim of it is told about. */
import { isInstanceClaim, type AnyClaim, type Claim } from "../claim/claim";
import { classOf, type PostgresClass } from "../claim/class";
import { instanceRef, isSharedByLabel, type DatabaseClaim } from "../claim/database";
import { claimKind } from "../claim/names";
import { parseClaim, parseDatabaseClaim } from "../claim/parse";
import { quote } from "../claim/schema";
import { describe, type Violation } from "../claim/violation";
import { namespaceResource, type KubeObject } from "../kubernetes/objects";
import { accessAspect } from "./aspects/access";
import { backupAspect } from "./aspects/backup";
import { connectionAspect } from "./aspects/connection";
import { databaseAspect } from "./aspects/database";
import { optionalAspects } from "./aspects/optional-object";
import { restoreAspect } from "./aspects/restore";
import { instanceSharedAspect, sharedDatabaseAspect } from "./aspects/shared-database";
import { storageAspect } from "./aspects/storage";
import { remainsOfInstance } from "./instance-remains";
import type { Kube } from "./kube";
import { plan, type Plan } from "./plan";
import type { Remains } from "./remains";
import { live, object, type Aspect } from "./run";
import { remainsOfDatabase } from "./shared/deletion";
import { planDatabase, type Surroundings } from "./shared/plan";
import type { Verdict } from "./status";

export type ClaimKind = {
  /** The plan of a claim, or what it is told where nothing can be made of it. */
  readonly plan: (claim: AnyClaim, kube: Kube) => Promise<Plan | Verdict>;
  /** Everything that a claim is told about, in the order of its conditions. The first two are what every claim has. */
  readonly aspects: readonly Aspect[];
  /** What a claim that is deleted leaves behind. */
  readonly remains: (claim: AnyClaim, kube: Kube) => Promise<Remains>;
};

const instances: ClaimKind = {
  plan: async (claim, kube) => {
    const classes = await kube.classes();
    const planned = plan(claim as Claim, classes);
    return "database" in planned ? planned : brokenVerdict(claim as Claim, classes, planned);
  },
  aspects: [
    databaseAspect,
    connectionAspect,
    ...optionalAspects,
    storageAspect,
    accessAspect,
    backupAspect,
    restoreAspect,
  ],
  remains: async (claim, kube) => remainsOfInstance(claim as Claim, await kube.classes()),
};

const databases: ClaimKind = {
  plan: async (claim, kube) => {
    const { claim: asked, faults } = parseDatabaseClaim(claim);
    if (faults.length > 0) return { reason: "Invalid", message: describe(faults) };
    const database = { ...claim, spec: asked.spec };
    const around = await surroundingsOf(database, kube);
    return planDatabase(database, around, place => kube.proofOf(claim, place));
  },
  aspects: [
    sharedDatabaseAspect,
    connectionAspect,
    accessAspect,
    backupAspect,
    restoreAspect,
    instanceSharedAspect,
  ],
  remains: () => Promise.resolve(remainsOfDatabase),
};

export function kindOf(claim: AnyClaim): ClaimKind {
  return isInstanceClaim(claim) ? instances : databases;
}

/** What is there of the instance that a claim names. */
async function surroundingsOf(claim: DatabaseClaim, kube: Kube): Promise<Surroundings> {
  const ref = instanceRef(claim);
  const found = await kube.claim({ kind: claimKind, ...ref });
  const instance = found && isInstanceClaim(found) ? found : undefined;
  const host = instance && plan(instance, await kube.classes());
  return {
    ...{ instance, host },
    tenants: kube.tenantsOf(ref),
    namespaceLabels: instance && isSharedByLabel(instance) ? await labelsAround(claim, kube) : {},
    found:
      instance && host && "database" in host ? await clusterOf(instance, host, kube) : undefined,
  };
}

/** The operator's object of the instance. */
async function clusterOf(
  instance: Claim,
  { claim, chosen, operator: { objects } }: Plan,
  kube: Kube,
): Promise<KubeObject | undefined> {
  const found = await kube.read(object(objects.resource, objects.ref(claim, chosen)));
  return isOne(found) && objects.standing(found, instance) === "ours" ? found : undefined;
}

/** Namespaces are not held: only their names are watched. */
async function labelsAround(
  { metadata: { namespace = "" } }: DatabaseClaim,
  kube: Kube,
): Promise<Readonly<Record<string, string>>> {
  const found = await kube.read(live(namespaceResource, { name: namespace, namespace: "" }));
  return isOne(found) ? (found.metadata.labels ?? {}) : {};
}

function isOne(found: Awaited<ReturnType<Kube["read"]>>): found is KubeObject {
  return found !== undefined && !Array.isArray(found);
}

/** Why nothing can be made of a claim. A class may come back; what breaks a rule has to be changed. */
function brokenVerdict(
  claim: Claim,
  classes: readonly PostgresClass[],
  broken: readonly Violation[],
): Verdict {
  const { className } = parseClaim(claim).claim.spec;
  if (className === undefined || classOf(claim, classes)) {
    return { reason: "Invalid", message: describe(broken) };
  }
  return {
    reason: "ClassNotFound",
    message: `PostgresClass ${quote(className)} is not there: create it, and the claim goes on by itself; what exists is left as it is`,
  };
}
