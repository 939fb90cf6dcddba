/** What the webhook answers to a class: everything that is wrong with it, or what it brings about. */
import type { Claim } from "../../claim/claim";
import {
  claimsOfClass,
  completeClass,
  defaultClass,
  isMarkedDefault,
  type PostgresClass,
} from "../../claim/class";
import { annotations } from "../../claim/names";
import { parseClass } from "../../claim/parse";
import { isRecord, quote } from "../../claim/schema";
import type { Violation } from "../../claim/violation";
import { classChangeViolations, classChangeWarnings, namesOf } from "./changes";
import { classViolations } from "./rules";

export type ClassJudgement = {
  readonly violations: readonly Violation[];
  readonly warnings: readonly string[];
};

/** Judges a new class, or the change from `old`, among the classes and claims that are there. */
export function judgeClass(
  value: unknown,
  old: unknown,
  classes: readonly PostgresClass[],
  claims: readonly Claim[],
): ClassJudgement {
  const { found, faults } = parseClass(value);
  const others = classes.filter(({ metadata }) => metadata.name !== found.metadata.name);
  const broken = [...faults, ...classViolations(found)];
  if (!isRecord(old)) {
    const warnings = [...defaultWarnings(found, others), ...durabilityWarnings(found)];
    return { violations: broken, warnings };
  }
  const before = parseClass(old).found;
  const change = {
    before: completeClass(before),
    after: completeClass(found),
    claims: claimsOfClass(found.metadata.name, claims, [...others, before]),
  };
  return {
    violations: [...broken, ...classChangeViolations(change)],
    warnings: [
      ...(isMarkedDefault(before) ? [] : defaultWarnings(found, others)),
      ...(before.spec.durability === found.spec.durability ? [] : durabilityWarnings(found)),
      ...classChangeWarnings(change),
    ],
  };
}

/** Later than any time there is: a class that is being made has none yet. */
const now = "9999-12-31T23:59:59Z";

/** As with StorageClasses, a second default is taken, and the newest wins. */
function defaultWarnings(found: PostgresClass, others: readonly PostgresClass[]): string[] {
  const rivals = others.filter(isMarkedDefault);
  if (!isMarkedDefault(found) || rivals.length === 0) return [];
  const { creationTimestamp = now } = found.metadata;
  const newest = defaultClass([
    { ...found, metadata: { ...found.metadata, creationTimestamp } },
    ...rivals,
  ]);
  const names = [...rivals, found].map(({ metadata }) => quote(metadata.name)).sort();
  return [
    `PostgresClasses ${names.join(", ")} are all marked as default: claims that name no class get ${quote(newest?.metadata.name ?? "")}, the newest; take the annotation ${annotations.isDefaultClass} off the others`,
  ];
}

function durabilityWarnings(found: PostgresClass): string[] {
  const { durability, sizes } = completeClass(found);
  const pairs = Object.entries(sizes).filter(([, size]) => size.instances === 2);
  if (durability !== "required" || pairs.length === 0) return [];
  const names = pairs.map(([name]) => name).join(", ");
  return [
    `${names}: with 2 instances and durability required, writes wait whenever one of them is away; 3 go on without one`,
  ];
}

/** Why a class cannot be deleted: the claims that it has. */
export function deletionViolations(
  value: unknown,
  classes: readonly PostgresClass[],
  claims: readonly Claim[],
): readonly Violation[] {
  const { name } = parseClass(value).found.metadata;
  const users = claimsOfClass(name, claims, classes);
  if (users.length === 0) return [];
  const count = users.length === 1 ? "1 claim" : `${users.length} claims`;
  return [
    {
      field: "metadata.name",
      problem: `is the class of ${count}, ${namesOf(users)}: delete ${users.length === 1 ? "it" : "them"} first`,
    },
  ];
}

/** Whether a change needs no judging: of a class on its way out, or one that leaves what is offered as it was. */
export function isClassExempt(value: unknown, old: unknown): boolean {
  if (!isRecord(value) || !isRecord(old)) return false;
  if (isRecord(value.metadata) && typeof value.metadata.deletionTimestamp === "string") return true;
  const [after, before] = [parseClass(value).found, parseClass(old).found];
  return (
    isMarkedDefault(after) === isMarkedDefault(before) &&
    JSON.stringify(value.spec) === JSON.stringify(old.spec)
  );
}
