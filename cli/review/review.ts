/** Everything that can be said of an input without a cluster: its claims and classes, what they become, and what is wrong. */
import type { Plan } from "../../capabilities/reconcile/plan";
import { documentsOf } from "../input/documents";
import { inOrder, type Problem } from "../input/place";
import type { Source } from "../input/sources";
import { reviewClaims } from "./claims";
import { reviewClasses, type ReviewedClasses } from "./classes";
import { reviewDatabases } from "./databases";
import { byKind, type ByKind, type FoundObject } from "./kinds";

export type Review = {
  /** Of each claim that breaks no rule. */
  readonly plans: readonly Plan[];
  readonly claimCount: number;
  readonly classCount: number;
  readonly problems: readonly Problem[];
  /** What is no fault, but may explain one. */
  readonly notes: readonly string[];
};

/** `namespace` is for claims that name none. */
export function review(sources: readonly Source[], namespace: string): Review {
  const found = objectsIn(sources);
  const { classes, problems: ofClasses } = reviewClasses(found.classes);
  const { plans, problems: ofClaims } = reviewClaims(found.claims, classes, namespace);
  const databases = reviewDatabases(found.databases, plans, namespace);
  const problems = [...found.problems, ...ofClasses, ...ofClaims, ...databases.problems];
  return {
    plans: [...plans, ...databases.plans],
    claimCount: found.claims.length + found.databases.length,
    classCount: found.classes.length,
    problems: inOrder(
      problems,
      sources.map(({ file }) => file),
    ),
    notes: [...found.notes, ...classHint(problems, found.classes), ...databases.notes],
  };
}

/** A class that is in the cluster is not known here. */
function classHint(
  problems: readonly Problem[],
  classes: readonly FoundObject[],
): readonly string[] {
  const isMissed = problems.some(({ field }) => field === "spec.className");
  if (!isMissed) return [];
  const known = classes.length === 0 ? "no class" : "only the classes in the input";
  return [`${known} is known here: add the file of a class that is in the cluster with -f`];
}

/** The classes alone, for what has no claims in files. */
export function classesIn(sources: readonly Source[]): ReviewedClasses {
  const found = objectsIn(sources);
  const { classes, problems } = reviewClasses(found.classes);
  return { classes, problems: [...found.problems, ...problems] };
}

/** The objects of our kinds in all sources, and what is wrong with what was read. */
function objectsIn(sources: readonly Source[]): ByKind {
  const read = sources.map(({ file, text }) => documentsOf(file, text));
  const found = byKind(read.flatMap(({ documents }) => documents));
  return { ...found, problems: [...read.flatMap(({ problems }) => problems), ...found.problems] };
}
