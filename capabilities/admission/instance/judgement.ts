/** What the webhook answers to a claim: the claim with its defaults, or everything that is wrong with it. */
import type { Claim } from "../../claim/claim";
import { classOf, type PostgresClass } from "../../claim/class";
import { annotations } from "../../claim/names";
import { given } from "../../kubernetes/given";
import { parseClaim } from "../../claim/parse";
import { isRecord } from "../../claim/schema";
import type { Violation } from "../../claim/violation";
import { operators } from "../../operator/operators";
import { changeViolations } from "./changes";
import { conflictViolations } from "./conflicts";
import { withDefaults } from "./defaults";
import { violations } from "./rules";
import { claimWarnings } from "./warnings";

export type Judgement = {
  readonly claim: Claim;
  readonly violations: readonly Violation[];
  /** What it brings about, where that is not harmless. */
  readonly warnings: readonly string[];
};

/** Judges a new claim, or the change from `old`, among the classes and other claims that are there. */
export function judge(
  value: unknown,
  old: unknown,
  classes: readonly PostgresClass[],
  others: readonly Claim[],
): Judgement {
  const { claim: parsed, faults } = parseClaim(value);
  // A creation comes with null.
  const before = isRecord(old) ? earlier(old) : undefined;
  // An update that leaves the class out keeps that of before, and is judged by it.
  const className = parsed.spec.className ?? before?.spec.className;
  const spec = { ...parsed.spec, ...given({ className }) };
  const chosen = classOf({ ...parsed, spec }, classes);
  const claim = withDefaults(parsed, before, chosen);
  const classNames = classes.map(({ metadata }) => metadata.name);
  return {
    claim,
    violations: [
      ...faults,
      ...violations({ claim, chosen, classNames, standing: versionsOf(before) }),
      ...(chosen ? operators[chosen.backend].unsupported(claim, chosen) : []),
      ...(before ? changeViolations(claim, before, chosen) : []),
      ...conflictViolations(claim, others),
    ],
    warnings: claimWarnings(claim, before && withDefaults(before, undefined, chosen), chosen),
  };
}

/** The claim before, with the version that its database has. */
function earlier(old: Readonly<Record<string, unknown>>): Claim {
  const { claim } = parseClaim(old);
  const { version } = isRecord(old.status) ? old.status : {};
  return typeof version === "string" ? { ...claim, status: { version } } : claim;
}

/** What it asked for, and what its database has: they differ while an upgrade has not come through. */
function versionsOf(before: Claim | undefined): readonly (string | undefined)[] {
  return [before?.spec.version, before?.status?.version];
}

/**
 * Whether a change needs no judging: of a claim on its way out, or one that leaves what is asked for as it was. A claim that is
 * older than a rule can so still be labelled, and be let go.
 */
export function isExempt(value: unknown, old: unknown): boolean {
  if (!isRecord(value) || !isRecord(old)) return false;
  if (isRecord(value.metadata) && typeof value.metadata.deletionTimestamp === "string") return true;
  return asked(value) === asked(old);
}

function asked(claim: Readonly<Record<string, unknown>>): string {
  const { metadata, spec, writeConnectionSecretToRef } = claim;
  const marks = isRecord(metadata) && isRecord(metadata.annotations) ? metadata.annotations : {};
  return JSON.stringify([spec, writeConnectionSecretToRef, marks[annotations.kratixRequest]]);
}
