/** What a change of a class does to the claims that it has: what is refused, and what is told. */
import { keyOf, refOf } from "../../kubernetes/objects";
import type { Claim, Size } from "../../claim/claim";
import { instancesOf, type Class } from "../../claim/class";
import { isToOutlive, offersPolicy } from "../../claim/deletion";
import { quote } from "../../claim/schema";
import type { Violation } from "../../claim/violation";
import { rulesOfOffer } from "../instance/backup-rules";
import { isSame } from "../../kubernetes/sameness";

/** More names than these say no more than their number does. */
const mostNames = 3;

/** The first few claims by name, and how many more there are. */
export function namesOf(claims: readonly Claim[]): string {
  const names = claims.map(claim => keyOf(refOf(claim))).sort();
  const rest = names.length - mostNames;
  const first = names.slice(0, mostNames).join(", ");
  return rest > 0 ? `${first} and ${rest} more` : first;
}

/** What a class and the claims that it has come to, before and after. */
export type ClassChange = {
  readonly before: Class;
  readonly after: Class;
  readonly claims: readonly Claim[];
};

/** What claims could not be followed with any more, changes of their password included, is refused. */
export function classChangeViolations(change: ClassChange): readonly Violation[] {
  const rules = [operatorStays, sizesGone, durabilityBroken, policiesGone, backupsBroken];
  return rules.flatMap(rule => rule(change));
}

/** Whether it has claims or not: a second database of the same claim, and an empty one, would be made beside the first. */
function operatorStays({ before, after }: ClassChange): readonly Violation[] {
  const moved = before.backend !== after.backend && {
    field: "spec.backend",
    problem: `was ${quote(before.backend)} and cannot become ${quote(after.backend)}: databases do not move from one operator to another; make a new class`,
  };
  const renamed = !isSame(before.zalando, after.zalando) && {
    field: "spec.zalando",
    problem:
      "has changed, but the names of databases and Secrets are made of it: keep it as it was, or make a new class",
  };
  return [moved, renamed].filter(fault => fault !== false);
}

function durabilityBroken({ after, claims }: ClassChange): readonly Violation[] {
  const users = claims.filter(claim => instancesOf(claim, after) < 2);
  if (after.durability !== "required" || users.length === 0) return [];
  return [
    {
      field: "spec.durability",
      problem: `is required, but ${namesOf(users)} ${users.length === 1 ? "asks" : "ask"} for 1 instance: give them 2 first`,
    },
  ];
}

function policiesGone({ after, claims }: ClassChange): readonly Violation[] {
  const users = claims.filter(claim => !offersPolicy(after, claim));
  if (users.length === 0) return [];
  return [
    {
      field: "spec.deletionPolicies",
      problem: `has no policy any more that ${namesOf(users)} ${users.length === 1 ? "asks" : "ask"} for: keep it, or change them first`,
    },
  ];
}

/** What a claim has asked of its class's backups would make it Invalid, and nothing of it would be followed any more. */
function backupsBroken({ before, after, claims }: ClassChange): readonly Violation[] {
  const users = claims.filter(
    claim => faultsOf(claim, before).length === 0 && faultsOf(claim, after).length > 0,
  );
  const [first] = users;
  const [fault] = first ? faultsOf(first, after) : [];
  if (!fault) return [];
  return [
    {
      field: "spec.backup",
      problem: `breaks ${namesOf(users)}, whose ${fault.field} ${fault.problem}: change ${users.length === 1 ? "it" : "them"} first`,
    },
  ];
}

function faultsOf(claim: Claim, chosen: Class): readonly Violation[] {
  return rulesOfOffer.flatMap(rule => rule({ claim, chosen }));
}

function sizesGone({ after, claims }: ClassChange): readonly Violation[] {
  const gone = (["small", "medium", "large"] as const).filter(size => !after.sizes[size]);
  return gone.flatMap(size => {
    const users = claims.filter(claim => sizeOf(claim) === size);
    if (users.length === 0) return [];
    return [
      {
        field: "spec.sizes",
        problem: `has no ${size} any more, which ${namesOf(users)} ${users.length === 1 ? "has" : "have"}: keep it, or change them first`,
      },
    ];
  });
}

type Notice = (change: ClassChange) => string | undefined;

const notices: readonly Notice[] = [
  versionsLeave,
  volumesStay,
  instancesRestart,
  backupsEnd,
  backupsStay,
  dataGoes,
];

/** What is harmless to none, but allowed: one sentence each. */
export function classChangeWarnings(change: ClassChange): readonly string[] {
  return notices.map(notice => notice(change)).filter(text => text !== undefined);
}

function versionsLeave({ before, after, claims }: ClassChange): string | undefined {
  const gone = before.versions.allowed.filter(version => !after.versions.allowed.includes(version));
  const users = claims.filter(({ spec }) => gone.includes(spec.version ?? ""));
  if (users.length === 0) return undefined;
  const versions = gone.filter(version => users.some(({ spec }) => spec.version === version));
  return `version ${versions.join(", ")} is no longer allowed; ${namesOf(users)} stay as they are until their version is raised`;
}

/** CNPG 1.30 accepts another class of volumes and ignores it (recordings); so what is there keeps its own. */
function volumesStay({ before, after, claims }: ClassChange): string | undefined {
  if (before.storageClassName === after.storageClassName || claims.length === 0) return undefined;
  const [old, now] = [before, after].map(
    ({ storageClassName }) => storageClassName ?? "the cluster's default StorageClass",
  );
  return `volumes do not move: ${namesOf(claims)} keep ${old ?? ""}, new claims get ${now ?? ""}`;
}

function instancesRestart({ before, after, claims }: ClassChange): string | undefined {
  const users = claims.filter(
    claim => podOf(before, sizeOf(claim)) !== podOf(after, sizeOf(claim)),
  );
  if (users.length === 0) return undefined;
  return `PostgreSQL restarts in ${namesOf(users)}: image, resources or placement of their instances change`;
}

function backupsEnd({ before, after, claims }: ClassChange): string | undefined {
  if (!before.backup || after.backup || claims.length === 0) return undefined;
  return `no backups are made of ${namesOf(claims)} any more; those that are there stay, and nobody removes them`;
}

function backupsStay({ before, after, claims }: ClassChange): string | undefined {
  const [old, now] = [before, after].map(({ backup }) => backup?.volume);
  if (!old || !now || isSame(old, now) || claims.length === 0) return undefined;
  return `backups do not move: those of ${namesOf(claims)} that are there stay in the old volume, where nobody removes them and no claim finds them`;
}

function dataGoes({ before, after, claims }: ClassChange): string | undefined {
  const users = claims.filter(claim => isToOutlive(claim, before) && !isToOutlive(claim, after));
  if (users.length === 0) return undefined;
  return `from now on the data of ${namesOf(users)} goes with the claim when that is deleted`;
}

/** All that makes CNPG replace the pods of a claim of this size. */
function podOf(chosen: Class, size: Size): string {
  const { image, nodeSelector, tolerations, spread, sizes } = chosen;
  const { cpu, memory } = sizes[size] ?? {};
  return JSON.stringify([image, nodeSelector, tolerations, spread, cpu, memory]);
}

function sizeOf({ spec }: Claim): Size {
  return spec.size ?? "small";
}
