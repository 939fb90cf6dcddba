/** How a claim must not change, as an ordered list of small rules. CEL in the CRD says the same while the webhook is away. */
import {
  databaseName,
  databaseOwner,
  externalCredentials,
  isOwnerBrought,
  requestOf,
  type Claim,
} from "../../claim/claim";
import type { Class } from "../../claim/class";
import { annotations } from "../../claim/names";
import { quote } from "../../claim/schema";
import type { Violation } from "../../claim/violation";
import { operators } from "../../operator/operators";

type ChangeRule = (claim: Claim, old: Claim, chosen: Class | undefined) => readonly Violation[];

const changeRules: readonly ChangeRule[] = [
  requestStays,
  classIsImmutable,
  databaseIsImmutable,
  ownerIsImmutable,
  credentialsAreFromTheStart,
  teamIsImmutable,
  versionIsNotLowered,
  versionStaysWithoutUpgrades,
  storageIsNotShrunk,
  sharingStays,
];

/** Everything wrong with the change from `old` to `claim`, of class `chosen`. An unchanged claim breaks no rule of change. */
export function changeViolations(
  claim: Claim,
  old: Claim,
  chosen: Class | undefined,
): readonly Violation[] {
  return changeRules.flatMap(rule => rule(claim, old, chosen));
}

/**
 * A request never takes over the claim of another request, nor that of a person: whoever may make requests in one namespace may have
 * no right to a database of another.
 */
function requestStays(claim: Claim, old: Claim): readonly Violation[] {
  const [now, before] = [requestOf(claim), requestOf(old)];
  if (now === undefined || now === before) return [];
  const owner =
    before === undefined ? "was made without a request" : `is of request ${quote(before)}`;
  return [
    {
      field: `metadata.annotations.${annotations.kratixRequest}`,
      problem: `is ${quote(now)}, but this claim ${owner}: give the request another name`,
    },
  ];
}

function classIsImmutable(claim: Claim, old: Claim): readonly Violation[] {
  const { className: before } = old.spec;
  return before === undefined ? [] : immutable("spec.className", claim.spec.className, before);
}

function databaseIsImmutable(claim: Claim, old: Claim): readonly Violation[] {
  return immutable("spec.databaseName", databaseName(claim), databaseName(old));
}

function ownerIsImmutable(claim: Claim, old: Claim): readonly Violation[] {
  // The owner came from the Secret, which is not read here: that it stays the same is seen to when it is read.
  if (isOwnerBrought(old)) return [];
  return immutable("spec.databaseOwner", databaseOwner(claim), databaseOwner(old));
}

/** Who makes the credentials is decided when the database is made. Another Secret may be named: CNPG reads the name each time. */
function credentialsAreFromTheStart(claim: Claim, old: Claim): readonly Violation[] {
  const [now, before] = [externalCredentials(claim), externalCredentials(old)];
  if ((now === undefined) === (before === undefined)) return [];
  const done =
    before === undefined ? `cannot become ${quote(now?.name ?? "")}` : "cannot be dropped";
  const was = before === undefined ? "was not given" : `was ${quote(before.name)}`;
  return [
    {
      field: "spec.credentialsSecretName",
      problem: `${was} and ${done}: who makes the credentials is decided with the database; make a new claim instead`,
    },
  ];
}

/** Zalando's operator makes names of it. */
function teamIsImmutable(claim: Claim, old: Claim): readonly Violation[] {
  const [now, before] = [claim.spec.teamId, old.spec.teamId];
  if (now === before) return [];
  const was = before === undefined ? "was not given" : `was ${quote(before)}`;
  const becomes = now === undefined ? "be dropped" : `become ${quote(now)}`;
  return [
    {
      field: "spec.teamId",
      problem: `${was} and cannot ${becomes}: it is immutable; make a new claim instead`,
    },
  ];
}

/** Without a word of the operator nobody would know which version the data has. */
function versionStaysWithoutUpgrades(
  claim: Claim,
  old: Claim,
  chosen: Class | undefined,
): readonly Violation[] {
  const [now, before] = [claim.spec.version, old.spec.version];
  if (!chosen || now === undefined || before === undefined) return [];
  const { title, facts } = operators[chosen.backend];
  if (facts.upgradesMajors || Number(now) <= Number(before)) return [];
  return [
    {
      field: "spec.version",
      problem: `was ${quote(before)} and cannot become ${quote(now)}: ${title} does not say whether an upgrade came through; make a new claim and move the data`,
    },
  ];
}

function immutable(field: string, now: string | undefined, before: string): readonly Violation[] {
  if (now === before) return [];
  return [
    {
      field,
      problem: `was ${quote(before)} and cannot become ${quote(now ?? "")}: it is immutable; make a new claim instead`,
    },
  ];
}

function versionIsNotLowered(claim: Claim, old: Claim): readonly Violation[] {
  const { version } = claim.spec;
  const before = old.spec.version;
  if (version === undefined || before === undefined || Number(version) >= Number(before)) return [];
  // An upgrade that has not come through may be given up: the data is still of the version that the status has.
  const { version: has = before } = old.status ?? {};
  if (version === has) return [];
  const back = Number(has) < Number(before) ? `, but for ${quote(has)}, which it still has` : "";
  return [
    {
      field: "spec.version",
      problem: `was ${quote(before)} and cannot go down to ${quote(version)}${back}: PostgreSQL has no downgrade; make a new claim and move the data`,
    },
  ];
}

/** Without it nothing would keep the databases of others apart. */
function sharingStays(claim: Claim, old: Claim): readonly Violation[] {
  if (old.spec.share === undefined || claim.spec.share !== undefined) return [];
  return [
    {
      field: "spec.share",
      problem:
        "was given and cannot be dropped: it keeps the databases in this instance apart; take namespaces out of it, or write share: {}",
    },
  ];
}

function storageIsNotShrunk(claim: Claim, old: Claim): readonly Violation[] {
  const { storageGB } = claim.spec;
  const before = old.spec.storageGB;
  if (storageGB === undefined || before === undefined || storageGB >= before) return [];
  return [
    {
      field: "spec.storageGB",
      problem: `was ${before} and cannot shrink to ${storageGB}: volumes only grow; make a new claim and move the data`,
    },
  ];
}
