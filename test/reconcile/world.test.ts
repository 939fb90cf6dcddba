/** Whatever happens, in whatever order, and whatever fails: once it is calm, the world is as the claims ask. */
import type { OptionalField } from "../../capabilities/reconcile/aspects/optional-object";
import * as fc from "fast-check";
import { cronJobResource } from "../../capabilities/backup/jobs";
import { backupName } from "../../capabilities/claim/job-names";
import type { OptionalObject } from "../../capabilities/operator/operator";
import { cnpg } from "../../capabilities/operator/cnpg/cnpg";
import { accessRole, writtenSecrets } from "../../capabilities/claim/access";
import { externalCredentials, type Claim } from "../../capabilities/claim/claim";
import {
  type KubeObject,
  type Ref,
  type Secret,
  keyOf,
  isSameRef,
  refOf,
  secretResource,
} from "../../capabilities/kubernetes/objects";
import { roleResource } from "../../capabilities/operator/cnpg/shared-databases";
import { claimResource, labels } from "../../capabilities/claim/names";
import { isContained, isSame } from "../../capabilities/kubernetes/sameness";
import { plan, type Plan } from "../../capabilities/reconcile/plan";
import { acts, claims, givenName, loginName, troubles, type Act } from "./acts";
import { calm, connectionSecrets, createWorld, isStrange, worldClass, type World } from "./world";

// Takes a second or two; on a machine that is busy with other things, more.
jest.setTimeout(60_000);

function planOf(claim: Claim): Plan | undefined {
  const planned = plan(claim, [worldClass]);
  return "database" in planned ? planned : undefined;
}

/** The plan with the owner that the credentials decide on. */
function ownedPlan(world: World, claim: Claim): Plan | undefined {
  const { namespace } = refOf(claim);
  const { username } = world.secret({ name: givenName, namespace })?.data ?? {};
  if (!externalCredentials(claim) || username === undefined) return planOf(claim);
  const databaseOwner = Buffer.from(username, "base64").toString();
  return planOf({ ...claim, spec: { databaseOwner, ...claim.spec } });
}

function conditionOf({ status }: Claim, type: string): string | undefined {
  return status?.conditions?.find(condition => condition.type === type)?.reason;
}

function uidOf(secret: KubeObject | undefined): string | undefined {
  return secret?.metadata.labels?.[labels.claimUid];
}

/** What keeps the credentials that a claim brings from being used. */
function withheldOf(world: World, claim: Claim): string | undefined {
  if (!externalCredentials(claim)) return undefined;
  const { namespace } = refOf(claim);
  const found = world.secret({ name: givenName, namespace });
  if (!found) return "CredentialsNotFound";
  const { username = "", password } = found.data ?? {};
  if (!password) return "CredentialsInvalid";
  const cluster = world.cluster(refOf(claim));
  const owner = (cluster && cnpg.objects.ownerOf(cluster)) ?? claim.spec.databaseOwner;
  const isMeant = owner === undefined || Buffer.from(username, "base64").toString() === owner;
  return isMeant ? undefined : "OwnerMismatch";
}

/** What is wrong with the Cluster of a claim whose credentials cannot be used: there is none, or it is the claim's and left alone. */
function withheldFaults(world: World, claim: Claim, why: string): string[] {
  const reason = conditionOf(claim, "DatabaseReady");
  const found = world.cluster(refOf(claim));
  // An operator that has lost them says nothing.
  const standing = ["DatabaseHealthy", "Provisioning", "OperatorSilent"];
  const expected = found ? standing : [why, "NotOwned"];
  return expected.includes(reason ?? "") ? [] : [`${claim.metadata.name} is told ${reason ?? ""}`];
}

/** What is wrong with the Cluster of a claim that keeps the rules. */
function clusterFaults(world: World, claim: Claim, planned: Plan): string[] {
  const why = withheldOf(world, claim);
  if (why !== undefined) return withheldFaults(world, claim, why);
  const found = world.cluster(refOf(claim));
  const reason = conditionOf(claim, "DatabaseReady");
  if (!found)
    return reason === "NotOwned" ? [] : [`Cluster of ${keyOf(refOf(claim))}: ${reason ?? ""}`];
  const isRight = isContained(planned.database, found) && reason === "DatabaseHealthy";
  return isRight ? [] : [`Cluster of ${keyOf(refOf(claim))} is not as wanted: ${reason ?? ""}`];
}

/** What a claim that keeps the rules should be told of its secret. */
function expectedOf(world: World, claim: Claim, { ref }: Plan): string {
  const why = withheldOf(world, claim);
  if (why !== undefined) return why;
  if (!ref) return "SecretNotRequested";
  if (!world.cluster(refOf(claim))) return "CredentialsPending";
  const found = world.secret(ref);
  return found && uidOf(found) !== claim.metadata.uid ? "NotOwned" : "SecretWritten";
}

/** What is wrong at the place where a claim that keeps the rules wants its secret. */
function secretFaults(world: World, claim: Claim, planned: Plan): string[] {
  const reason = conditionOf(claim, "ConnectionSecretReady");
  const expected = expectedOf(world, claim, planned);
  const name = keyOf(refOf(claim));
  if (reason !== expected) return [`${name} is told ${reason ?? "nothing"}, not ${expected}`];
  if (!planned.ref || expected !== "SecretWritten") return [];
  const found = world.secret(planned.ref);
  const credentials = world.secret(planned.operator.credentials.ref(claim, planned.chosen));
  const isRecorded = claim.status?.connectionSecretRef?.uid === found?.metadata.uid;
  const isRight = isRecorded && isSame(loginOf(credentials), loginOf(found));
  return isRight ? [] : [`the secret of ${name} is not as wanted`];
}

function loginOf(secret: Secret | undefined): unknown {
  const { username = "", password = "" } = secret?.data ?? {};
  return { username, password };
}

/** What is wrong with an optional object of a claim that keeps the rules. */
function optionalFaults(world: World, claim: Claim, optional: OptionalObject): string[] {
  const { resource, ref, desired } = optional;
  const field = optional.field as OptionalField;
  const found = world.server.find(resource, ref);
  const isForeign = found !== undefined && isStrange(found);
  const condition = `${field.charAt(0).toUpperCase()}${field.slice(1)}Ready`;
  const reason = conditionOf(claim, condition);
  const what = `${resource.kind} of ${keyOf(refOf(claim))}`;
  if (!desired) {
    const isLeft = found !== undefined && !isForeign;
    return [...(isLeft ? [`${what} is left`] : []), ...(reason ? [`${condition} is left`] : [])];
  }
  const expected = expectedOfOptional(world, claim, field, isForeign);
  if (reason !== expected) return [`${what} is told ${reason ?? "nothing"}, not ${expected}`];
  const isRight = expected !== wellReasons[field] || isContained(desired, found);
  return isRight ? [] : [`${what} is not as wanted`];
}

const wellReasons = {
  extensions: "ExtensionsApplied",
  pooler: "PoolerActive",
  monitoring: "MonitoringActive",
} as const satisfies Record<OptionalField, string>;

function expectedOfOptional(
  world: World,
  claim: Claim,
  field: OptionalField,
  isForeign: boolean,
): string {
  if (!world.cluster(refOf(claim))) {
    return wellReasons[field].replace(/Applied|Active/, "Pending");
  }
  return isForeign ? "NotOwned" : wellReasons[field];
}

/** What is wrong with the backups of a claim that keeps the rules. None is due while a world lasts. */
function backupFaults(world: World, claim: Claim, { backup }: Plan): string[] {
  const ref = { name: backupName(claim), namespace: refOf(claim).namespace };
  const found = world.server.find(cronJobResource, ref);
  const isForeign = found !== undefined && isStrange(found);
  const reason = conditionOf(claim, "BackupHealthy");
  const expected = backup?.cronJob && expectedOfBackup(world, claim, isForeign);
  if (reason !== expected) return [`${backupName(claim)} is told ${reason ?? "nothing"}`];
  const isRight = isForeign || isCronJobRight(backup?.cronJob, found, expected);
  return isRight ? [] : [`CronJob ${keyOf(ref)} is not as wanted`];
}

function isCronJobRight(
  wanted: KubeObject | undefined,
  found: KubeObject | undefined,
  reason: string | undefined,
): boolean {
  if (!wanted) return found === undefined;
  return reason !== "BackupScheduled" || isContained(wanted, found);
}

function expectedOfBackup(world: World, claim: Claim, isForeign: boolean): string {
  if (!world.cluster(refOf(claim))) return "BackupPending";
  return isForeign ? "NotOwned" : "BackupScheduled";
}

/** What is wrong with the login of a claim that keeps the rules. */
function accessFaults(world: World, claim: Claim): string[] {
  const reason = conditionOf(claim, "AccessReady");
  const what = `the login of ${claim.metadata.name}`;
  if (!claim.spec.access?.readOnly) {
    const isLeft = isLoginOpen(world, claim) || reason !== undefined;
    return isLeft ? [`${what} is left`] : [];
  }
  // What the credentials that it brings are in the way of is told elsewhere.
  if (withheldOf(world, claim) !== undefined) return [];
  const expected = expectedOfLogin(world, claim);
  if (reason !== expected) return [`${what} is told ${reason ?? "nothing"}, not ${expected}`];
  const isRight = expected !== "AccessGranted" || isLoginRight(world, claim);
  return isRight ? [] : [`${what} is not as wanted`];
}

/** Of the role, and of the Secret with its password. */
function loginPlace(claim: Claim): Ref {
  const { name, namespace } = refOf(claim);
  const role = accessRole(claim, "readOnly").replaceAll("_", "-");
  return { name: `${name}.${role}`, namespace };
}

function mayLogIn({ server }: World, claim: Claim): boolean {
  const found = server.find(roleResource, loginPlace(claim));
  const spec = found && (Reflect.get(found, "spec") as { readonly login?: boolean });
  return spec?.login === true;
}

function isLoginOpen(world: World, claim: Claim): boolean {
  return mayLogIn(world, claim) || world.secret(loginPlace(claim)) !== undefined;
}

function isLoginRight(world: World, claim: Claim): boolean {
  const found = world.secret({ name: loginName, namespace: refOf(claim).namespace });
  const password = world.secret(loginPlace(claim));
  return mayLogIn(world, claim) && isSame(loginOf(password), loginOf(found));
}

function expectedOfLogin(world: World, claim: Claim): string {
  if (!world.cluster(refOf(claim))) return "AccessPending";
  const found = world.secret({ name: loginName, namespace: refOf(claim).namespace });
  return found && isStrange(found) ? "NotOwned" : "AccessGranted";
}

/** A connection secret is that of a claim, where the claim wants it, or where it was while it cannot be there yet. */
function strayFaults({ server }: World): string[] {
  const living = server.all(claimResource) as readonly Claim[];
  return connectionSecrets(server).flatMap(secret => {
    const claim = living.find(({ metadata }) => metadata.uid === uidOf(secret));
    const isAt = (place: Ref): boolean => isSameRef(place, refOf(secret));
    if (!claim) return [`Secret ${keyOf(refOf(secret))} of a claim that is gone`];
    if (writtenSecrets(claim).some(isAt)) return [];
    const isHeld = claim.status?.phase !== "Ready";
    return isHeld ? [] : [`Secret ${keyOf(refOf(secret))} is not where its claim wants it`];
  });
}

function faults(world: World): readonly string[] {
  const living = world.server.all(claimResource) as readonly Claim[];
  return living.flatMap(claim => {
    if (claim.metadata.deletionTimestamp !== undefined) return [`${claim.metadata.name} stays`];
    const planned = ownedPlan(world, claim);
    if (!planned)
      return conditionOf(claim, "Ready") === "Invalid" ? [] : ["invalid and not told so"];
    return [
      ...clusterFaults(world, claim, planned),
      ...secretFaults(world, claim, planned),
      ...planned.optional.flatMap(optional => optionalFaults(world, claim, optional)),
      ...backupFaults(world, claim, planned),
      ...accessFaults(world, claim),
    ];
  });
}

/** Plays the acts; strangers' objects must be as they were after each of them. */
async function play(world: World, planned: readonly Act[]): Promise<void> {
  for (const { play: playOne } of planned) {
    await playOne(world);
    expect(world.touched()).toEqual([]);
  }
}

const worlds = fc.oneof({ weight: 2, arbitrary: troubles }, { weight: 1, arbitrary: acts });

test("whatever happens, the world comes to what the claims ask for, and strangers' objects stay as they were", async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async planned => {
      const world = createWorld();
      await play(world, planned);
      await calm(world, claims);
      expect(world.touched()).toEqual([]);
      expect([...faults(world), ...strayFaults(world)]).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test("whatever happens, nothing is left of claims that are deleted in the end but strangers' objects", async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async planned => {
      const world = createWorld();
      await play(world, planned);
      for (const ref of claims) {
        const found = world.claim(ref);
        if (found) world.server.remove(found);
      }
      await calm(world, claims);
      expect(world.touched()).toEqual([]);
      expect(world.server.all().filter(object => !isStrange(object))).toEqual([]);
    }),
    { numRuns: 150 },
  );
});

test("things do happen in these worlds: claims get ready, wait, fail and go", async () => {
  const seen = new Set<string | undefined>();
  for (const planned of fc.sample(acts, { numRuns: 300, seed: 1 })) {
    const world = createWorld();
    for (const { play } of planned) {
      await play(world);
      for (const ref of claims) {
        const { metadata, status } = world.claim(ref) ?? {};
        seen.add(metadata?.deletionTimestamp === undefined ? status?.phase : "leaving");
      }
    }
    if (world.server.all(secretResource).some(uidOf)) seen.add("a connection secret");
  }
  expect([...seen]).toEqual(
    expect.arrayContaining([
      ...["Ready", "Provisioning", "Pending", "Failed", "leaving", "a connection secret"],
    ]),
  );
});
