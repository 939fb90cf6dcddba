/** What Zalando's operator cannot do, or does in a way that would surprise: refused, never ignored. */
import { connectionRefs, databaseOwner, type Claim } from "../../claim/claim";
import type { Class, ClassSpec } from "../../claim/class";
import { connectionSecretName, dnsSubdomain } from "../../claim/names";
import { quote } from "../../claim/schema";
import type { Violation } from "../../claim/violation";
import { facts, maxClusterNameLength, ownRoles } from "./facts";
import { clusterName, placeholders, secretNames, secretRef, teamOf } from "./names";

/** Of a Secret. */
const longestName = 253;

const title = "Zalando's operator";

type ClaimRule = (claim: Claim, chosen: Class) => readonly Violation[];

const claimRules: readonly ClaimRule[] = [
  fieldsAreKnown,
  teamIsKnown,
  nameLeavesRoom,
  ownerIsFree,
  secretNameIsLegal,
  connectionIsNotTheOperators,
];

/** What of the claim the operator cannot do. */
export function unsupported(claim: Claim, chosen: Class): readonly Violation[] {
  return claimRules.flatMap(rule => rule(claim, chosen));
}

/** Fields of a claim that mean nothing to the operator, each with the way out. */
const unknownFields: readonly (readonly [keyof Claim["spec"], string])[] = [
  ["credentialsSecretName", "it makes all passwords itself: leave it out"],
  ["hibernate", "it has no hibernation: leave it out"],
  [
    "extensions",
    "it installs none in a database that is there: leave them out, and have its owner run CREATE EXTENSION",
  ],
  ["pooler", "its own pooler is not offered here: leave it out"],
  ["access", "here rights of further logins cannot be granted: leave it out"],
  ["share", "here it cannot keep databases of several claims apart: leave it out"],
  ["monitoring", "its images have no metrics to read: leave it out"],
];

function fieldsAreKnown({ spec }: Claim, { name }: Class): readonly Violation[] {
  return unknownFields
    .filter(([field]) => isAsked(spec[field]))
    .map(([field, remedy]) => ({
      field: `spec.${field}`,
      problem: `is not to be had with class ${quote(name)}, whose databases ${title} runs: ${remedy}, or ask for a class of CloudNativePG`,
    }));
}

/** What is turned off, or an empty list, asks for nothing. */
function isAsked(value: unknown): boolean {
  const isNothing = value === undefined || value === false;
  return !isNothing && !(Array.isArray(value) && value.length === 0);
}

function teamIsKnown(claim: Claim, chosen: Class): readonly Violation[] {
  if (teamOf(claim, chosen) !== undefined) return [];
  return [
    {
      field: "spec.teamId",
      problem: `is not given, and class ${quote(chosen.name)} has none: ${title} needs the team of each database, for example ${quote("shop")}`,
    },
  ];
}

function nameLeavesRoom(claim: Claim, chosen: Class): readonly Violation[] {
  const name = clusterName(claim, chosen);
  if (name.length <= maxClusterNameLength) return [];
  return [
    {
      field: "metadata.name",
      problem: `makes the database's name ${quote(name)} of ${name.length} characters, but Kubernetes makes no pod of one above ${maxClusterNameLength}: use a shorter name`,
    },
  ];
}

function ownerIsFree(claim: Claim): readonly Violation[] {
  const owner = databaseOwner(claim);
  if (!ownRoles.includes(owner)) return [];
  return [
    {
      field: claim.spec.databaseOwner === undefined ? "metadata.name" : "spec.databaseOwner",
      problem: `makes the owner ${quote(owner)}, a role that ${title} keeps for itself: set spec.databaseOwner to another`,
    },
  ];
}

/** The operator names a Secret after the role, with - for _: without a word it makes none where no Secret can have the name. */
function secretNameIsLegal(claim: Claim, chosen: Class): readonly Violation[] {
  const { name } = secretRef(claim, chosen);
  if (new RegExp(dnsSubdomain).test(name) && name.length <= longestName) return [];
  const owner = databaseOwner(claim);
  return [
    {
      field: "spec.databaseOwner",
      problem: `is ${quote(owner)}, for which ${title} would make Secret ${quote(name)}, but no Secret can have this name: use an owner that begins and ends with a letter or digit`,
    },
  ];
}

/**
 * Of any database and role: the operator takes over the password of whatever Secret has such a name. Names by its own template are kept
 * from the claims of all operators, and so are not told again here.
 */
function connectionIsNotTheOperators(claim: Claim, { zalando }: Class): readonly Violation[] {
  const operators = secretNames(zalando.secretNameTemplate);
  return connectionRefs(claim)
    .filter(({ ref }) => operators.test(ref.name))
    .filter(({ ref }) => !facts.secretEndings.some(ending => ref.name.endsWith(ending)))
    .map(({ field, ref }) => ({
      field,
      problem: `is ${quote(ref.name)}, a name as ${title} gives to its own Secrets: use for example ${quote(connectionSecretName(claim.metadata.name))}`,
    }));
}

/** What of a class the operator cannot do. */
export function unsupportedByClass(spec: ClassSpec): readonly Violation[] {
  const problem = (why: string): string => `is not for ${title}: ${why}; leave it out`;
  const { image, imagePullSecrets, placement, tls, extensions } = spec;
  return [
    image !== undefined && {
      field: "spec.image",
      problem: problem("its image has all versions, and its configuration names it (docker_image)"),
    },
    imagePullSecrets !== undefined && {
      field: "spec.imagePullSecrets",
      problem: problem("its configuration has them (pod_service_account_definition)"),
    },
    placement?.spread !== undefined && {
      field: "spec.placement.spread",
      problem: problem("its configuration decides (enable_pod_antiaffinity)"),
    },
    extensions !== undefined && {
      field: "spec.extensions",
      problem: problem("no claim of it has extensions"),
    },
    tls !== undefined &&
      tls.sslmode.startsWith("verify-") && {
        field: "spec.tls.sslmode",
        problem: `is ${quote(tls.sslmode)}, but the certificates that ${title} makes are signed by nobody whom a client could know: use require`,
      },
    ...templateProblems(spec),
  ].filter(fault => fault !== false);
}

function templateProblems({ zalando }: ClassSpec): readonly Violation[] {
  const { secretNameTemplate: template } = zalando ?? {};
  if (template === undefined) return [];
  const field = "spec.zalando.secretNameTemplate";
  const named = [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name = ""]) => name);
  const unknown = named.filter(name => !placeholders.some(known => known === name));
  const missing = ["username", "cluster"].filter(name => !named.includes(name));
  const rest = template.replaceAll(/\{[^{}]*\}/g, "");
  return [
    unknown.length > 0 && {
      field,
      problem: `has {${unknown.join("}, {")}}, but may have {${placeholders.join("}, {")}}`,
    },
    missing.length > 0 && {
      field,
      problem: `has no {${missing.join("}, {")}}: Secrets of two databases would have one name`,
    },
    /[{}]/.test(rest) && { field, problem: `is ${quote(template)}, with a brace too many` },
  ].filter(fault => fault !== false);
}
