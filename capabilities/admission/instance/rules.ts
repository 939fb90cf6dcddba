/** What a claim must not ask for, as an ordered list of small rules. The list is the specification; all faults come at once. */
import {
  maxNameLength,
  operatorSecretNames,
  reservedIdentifiers,
  operatorTitles,
} from "../../operator/facts";
import { keyOf, isSameRef } from "../../kubernetes/objects";
import { writtenRefs } from "../../claim/access";
import { externalCredentials } from "../../claim/claim";
import { specSchema } from "../../claim/claim-schema";
import { offeredPolicies, offersPolicy } from "../../claim/deletion";
import type { Claim } from "../../claim/claim";
import { instancesOf, type Class } from "../../claim/class";
import {
  connectionSecretName,
  dns1035,
  identifierOf,
  reservedPrefix,
  reservedRoles,
} from "../../claim/names";
import { quote } from "../../claim/schema";
import type { Violation } from "../../claim/violation";
import { accessRules } from "../access-rules";
import { connectionRules, isWithoutAdmission } from "../connection-rules";
import { extensionViolations } from "../extension-rules";
import { backupRules } from "./backup-rules";
import { parameterViolations } from "./parameter-rules";
import { suggestedIdentifier, suggestedName } from "./suggestion";

/** A claim with its defaults, beside what it is judged by. */
export type Judged = {
  readonly claim: Claim;
  /** The class that the claim names; undefined when it is not there. */
  readonly chosen: Class | undefined;
  /** Versions that the claim had already: what is taken out of a class later stays where it is. */
  readonly standing?: readonly (string | undefined)[];
  /** Names of the classes that are there, for the message. */
  readonly classNames: readonly string[];
};

type Rule = (judged: Judged) => readonly Violation[];

const reservedOwners: readonly string[] = [...reservedIdentifiers, ...reservedRoles];

const rules: readonly Rule[] = [
  nameIsLegal,
  nameGivesLegalIdentifiers,
  identifiersAreFree,
  classExists,
  sizeIsOffered,
  versionIsAllowed,
  durabilityIsKept,
  extensionsAreOffered,
  parametersAreAllowed,
  deletionPolicyIsOffered,
  ...backupRules,
  refIsNotTheOperators,
  ...connectionRules,
  ...accessRules,
  credentialsAreNotTheOperators,
  credentialsAreNotTheConnection,
  credentialsAreWhereTheirReaderWasChecked,
];

/** Everything wrong with a claim by itself: applied at admission and again by the reconcile. */
export function violations(judged: Judged): readonly Violation[] {
  return rules.flatMap(rule => rule(judged));
}

function nameIsLegal({ claim }: Judged): readonly Violation[] {
  const { name } = claim.metadata;
  // With generateName there is none yet when it is first judged.
  if (name === "") return [];
  const field = "metadata.name";
  const instead = `use for example ${quote(suggestedName(name))}`;
  const tooLong = name.length > maxNameLength && {
    field,
    problem: `${quote(name)} has ${name.length} characters, but a cluster name has at most ${maxNameLength}: ${instead}`,
  };
  const illegal = !new RegExp(dns1035).test(name) && {
    field,
    problem: `${quote(name)} must begin with a letter, end with a letter or digit, and have only lower-case letters, digits and "-" between: ${instead}`,
  };
  return [tooLong, illegal].filter(fault => fault !== false);
}

/** The name is only at fault where the database or the owner is derived from it. */
function nameGivesLegalIdentifiers({ claim }: Judged): readonly Violation[] {
  const { metadata, spec } = claim;
  const value = identifierOf(metadata.name);
  const derived = [
    { what: "database", given: spec.databaseName, reserved: reservedIdentifiers },
    {
      what: "owner",
      given: spec.databaseOwner ?? spec.credentialsSecretName,
      reserved: reservedOwners,
    },
  ].filter(({ given, reserved }) => given === undefined && isReserved(value, reserved));
  if (derived.length === 0) return [];
  const whats = derived.map(({ what }) => what).join(" and ");
  return [
    {
      field: "metadata.name",
      problem:
        `${quote(metadata.name)} makes the ${whats} ${quote(value)}, which PostgreSQL or ${operatorTitles} keeps for itself: ` +
        `use for example ${quote(suggestedName(metadata.name))}, or set spec.databaseName and spec.databaseOwner`,
    },
  ];
}

function identifiersAreFree({ claim }: Judged): readonly Violation[] {
  const { databaseName: database, databaseOwner: owner } = claim.spec;
  const fields = [
    { field: "spec.databaseName", value: database, reserved: reservedIdentifiers },
    { field: "spec.databaseOwner", value: owner, reserved: reservedOwners },
  ];
  return fields.flatMap(({ field, value, reserved }) =>
    value !== undefined && isReserved(value, reserved)
      ? [
          {
            field,
            problem: `is ${quote(value)}, which PostgreSQL or ${operatorTitles} keeps for itself: use for example ${quote(suggestedIdentifier(value))}`,
          },
        ]
      : [],
  );
}

/** Whether PostgreSQL or an operator keeps this role for itself. */
export function isReservedOwner(name: string): boolean {
  return isReserved(name, reservedOwners);
}

function isReserved(value: string, reserved: readonly string[]): boolean {
  return reserved.includes(value) || value.startsWith(reservedPrefix);
}

function classExists({ claim, chosen, classNames }: Judged): readonly Violation[] {
  const { className } = claim.spec;
  if (chosen || className === undefined) return [];
  const there =
    classNames.length === 0
      ? "there is no PostgresClass yet"
      : `there are ${classNames.join(", ")}`;
  return [
    {
      field: "spec.className",
      problem: `is ${quote(className)}, but no PostgresClass has this name: ${there}; leave it out for the default class`,
    },
  ];
}

function sizeIsOffered({ claim, chosen }: Judged): readonly Violation[] {
  const { size = "small" } = claim.spec;
  if (!chosen || chosen.sizes[size]) return [];
  // The API server gives the class's own in the order of the alphabet.
  const offered = specSchema.properties.size.enum.filter(name => chosen.sizes[name]);
  return [
    {
      field: "spec.size",
      problem: `is ${quote(size)}, but class ${chosen.name} offers ${offered.join(", ")}`,
    },
  ];
}

function versionIsAllowed({ claim, chosen, standing = [] }: Judged): readonly Violation[] {
  const { version } = claim.spec;
  if (!chosen || version === undefined || standing.includes(version)) return [];
  if (chosen.versions.allowed.includes(version)) return [];
  return [
    {
      field: "spec.version",
      problem: `is ${quote(version)}, but class ${chosen.name} allows ${chosen.versions.allowed.join(", ")}`,
    },
  ];
}

function deletionPolicyIsOffered({ claim, chosen }: Judged): readonly Violation[] {
  if (!chosen || offersPolicy(chosen, claim)) return [];
  const offer = offeredPolicies(chosen).join(", ");
  return [
    {
      field: "spec.deletionPolicy",
      problem: `is ${quote(claim.spec.deletionPolicy ?? "")}, but class ${chosen.name} allows ${offer}`,
    },
  ];
}

function durabilityIsKept({ claim, chosen }: Judged): readonly Violation[] {
  if (chosen?.durability !== "required" || instancesOf(claim, chosen) > 1) return [];
  return [
    {
      field: "spec.instances",
      problem: `is 1, but class ${chosen.name} keeps every write on two instances (durability: required): use at least 2, or 3 to go on without one`,
    },
  ];
}

function extensionsAreOffered({ claim, chosen }: Judged): readonly Violation[] {
  return extensionViolations({ extensions: claim.spec.extensions ?? [], chosen });
}

function parametersAreAllowed({ claim }: Judged): readonly Violation[] {
  return parameterViolations(claim.spec.parameters ?? {});
}

function refIsNotTheOperators({ claim }: Judged): readonly Violation[] {
  return writtenRefs(claim)
    .filter(({ ref }) => operatorSecretNames(claim).includes(ref.name))
    .map(({ field, ref }) => ({
      field,
      problem: `is ${quote(ref.name)}, the name of a Secret that the operator makes for this claim: use for example ${quote(connectionSecretName(claim.metadata.name))}`,
    }));
}

function credentialsAreNotTheOperators({ claim }: Judged): readonly Violation[] {
  const { credentialsSecretName: name } = claim.spec;
  if (name === undefined || !operatorSecretNames(claim).includes(name)) return [];
  return [
    {
      field: "spec.credentialsSecretName",
      problem: `is ${quote(name)}, the name of a Secret that the operator makes for this claim: name one of your own, or leave it out`,
    },
  ];
}

function credentialsAreNotTheConnection({ claim }: Judged): readonly Violation[] {
  const given = externalCredentials(claim);
  return writtenRefs(claim)
    .filter(({ ref }) => given !== undefined && isSameRef(ref, given))
    .map(({ field, ref }) => ({
      field,
      problem: `is ${quote(ref.name)}, which spec.credentialsSecretName names too: a Secret cannot be read and written; use for example ${quote(connectionSecretName(claim.metadata.name))}`,
    }));
}

function credentialsAreWhereTheirReaderWasChecked({ claim }: Judged): readonly Violation[] {
  const given = externalCredentials(claim);
  if (!given || !isWithoutAdmission(claim)) return [];
  return [
    {
      field: "spec.credentialsSecretName",
      problem: `asks for Secret ${keyOf(given)}, but for claims in ${given.namespace} nobody can check that their author may read it: make the claim elsewhere`,
    },
  ];
}
