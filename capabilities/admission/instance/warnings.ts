/** What a claim brings about that its author should know of, although it is allowed: told by kubectl as warnings. */
import { keyOf, isSameRef } from "../../kubernetes/objects";
import { dataGoesWarning } from "../deletion";
import { backupsOf } from "../../claim/backup";
import { connectionRef, databaseName, databaseOwner, type Claim } from "../../claim/claim";
import { instancesOf, type Class, type SizeSpec } from "../../claim/class";
import { isToOutlive } from "../../claim/deletion";
import { endOfLifeNotice } from "../../claim/end-of-life";

/** A claim with its defaults, before and after; `chosen` is its class. */
type Change = { readonly claim: Claim; readonly old: Claim; readonly chosen: Class };
type Notice = (change: Change) => string | undefined;

const notices: readonly Notice[] = [
  majorUpgrade,
  resourcesChange,
  storageGrows,
  instancesGo,
  secretMoves,
  fallsAsleep,
  isPutBack,
  backupsEnd,
  dataGoes,
];

/** A sentence for each; none for what harms nobody. */
export function claimWarnings(
  claim: Claim,
  old: Claim | undefined,
  chosen: Class | undefined,
): readonly string[] {
  if (!chosen) return [];
  const changes = old ? notices.map(notice => notice({ claim, old, chosen })) : [];
  return [...changes, writesMayWait(claim, old, chosen)].filter(text => text !== undefined);
}

/** https://cloudnative-pg.io/documentation/1.30/postgres_upgrades/#offline-in-place-major-upgrades */
function majorUpgrade({ claim, old }: Change): string | undefined {
  const [before, after] = [old, claim].map(({ spec }) => spec.version);
  if (before === undefined || after === undefined || before === after) return undefined;
  if (Number(after) < Number(before)) {
    return `spec.version: the upgrade from ${after} to ${before} is given up, and the database starts again with ${after}`;
  }
  return `spec.version: offline major upgrade from ${before} to ${after}: the database is away while it runs, and there is no way back; take a backup first`;
}

function dataGoes({ claim, old, chosen }: Change): string | undefined {
  if (!isToOutlive(old, chosen) || isToOutlive(claim, chosen)) return undefined;
  return dataGoesWarning;
}

function resourcesChange({ claim, old, chosen }: Change): string | undefined {
  const [before, after] = [old, claim].map(({ spec }) => resourcesOf(chosen, spec.size));
  if (before === after) return undefined;
  return `spec.size: PostgreSQL restarts with the cpu and memory of ${claim.spec.size ?? "small"}; connections are cut`;
}

function resourcesOf({ sizes }: Class, size: Claim["spec"]["size"] = "small"): string {
  const { cpu, memory }: Partial<SizeSpec> = sizes[size] ?? {};
  return JSON.stringify([cpu, memory]);
}

/** CNPG 1.30 says nothing where it cannot be done (recordings, 03-storage). */
function storageGrows({ claim, old }: Change): string | undefined {
  const [before = 0, after = 0] = [old, claim].map(({ spec }) => spec.storageGB);
  if (before === 0 || after <= before) return undefined;
  return `spec.storageGB: volumes grow from ${before} to ${after} GiB, if their StorageClass has allowVolumeExpansion, and never shrink again`;
}

function instancesGo({ claim, old, chosen }: Change): string | undefined {
  const [before = 1, after = 1] = [old, claim].map(found => instancesOf(found, chosen));
  if (after >= before) return undefined;
  const alone = after === 1 ? "; the one that stays is away whenever its node is" : "";
  return `spec.instances: from ${before} to ${after}: replicas go, with their volumes${alone}`;
}

function secretMoves({ claim, old }: Change): string | undefined {
  const [before, after] = [old, claim].map(connectionRef);
  if (!before || (after && isSameRef(before, after))) return undefined;
  const instead = after ? `, and ${keyOf(after)} takes its place` : "";
  return `Secret ${keyOf(before)} is removed${instead}: what still reads it stops working`;
}

function fallsAsleep({ claim, old }: Change): string | undefined {
  if (claim.spec.hibernate !== true || old.spec.hibernate === true) return undefined;
  return "spec.hibernate: PostgreSQL stops and nobody can connect until it is false again; volumes and Secrets stay";
}

function isPutBack({ claim, old }: Change): string | undefined {
  const from = claim.spec.restore?.from;
  if (from === undefined || from === old.spec.restore?.from) return undefined;
  return `spec.restore: everything that ${databaseOwner(claim)} owns in database ${databaseName(claim)} becomes as it was in backup ${from}, once what is there has been backed up; what was written since is in that backup alone`;
}

function backupsEnd({ claim, old, chosen }: Change): string | undefined {
  const [before, after] = [old, claim].map(found => backupsOf(found, chosen)?.isEnabled === true);
  if (!before || after) return undefined;
  return "spec.backup.enabled: no backups are made any more; those that are there stay, and nobody removes them";
}

function writesMayWait(claim: Claim, old: Claim | undefined, chosen: Class): string | undefined {
  const isPair = instancesOf(claim, chosen) === 2;
  const wasPair = old !== undefined && instancesOf(old, chosen) === 2;
  if (chosen.durability !== "required" || !isPair || wasPair) return undefined;
  return `spec.instances: with 2 instances and the durability that class ${chosen.name} requires, writes wait whenever one of them is away; 3 go on without one`;
}

/** A version that gets no fixes, or soon will not, told where it is asked for. */
export function endOfLifeWarning(
  { spec: { version } }: Claim,
  old: Claim | undefined,
  now: Date,
): readonly string[] {
  if (version === undefined || version === old?.spec.version) return [];
  const notice = endOfLifeNotice(version, now);
  return notice === undefined ? [] : [`spec.version: ${notice}`];
}
