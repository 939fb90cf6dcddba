/** Whether volumes can be had, and can grow. */
import { completeClass, defaultClass } from "../../capabilities/claim/class";
import { notKnown, ok, problem, warning, type Finding } from "./finding";
import { seenValue, whyUnknown, type StorageClass, type Surveyed } from "./surveyed";

const subject = "StorageClass";

/** https://kubernetes.io/docs/concepts/storage/storage-classes/#default-storageclass */
const defaultAnnotation = "storageclass.kubernetes.io/is-default-class";

type Given = Pick<Surveyed, "classes" | "storageClasses">;

export function storageFindings({ classes, storageClasses }: Given): readonly Finding[] {
  const why = whyUnknown(storageClasses);
  if (why !== undefined) return [notKnown(subject, why)];
  const all = seenValue(storageClasses) ?? [];
  const named = namedIn(classes);
  return [
    defaultFinding(all, classes),
    ...[...named].flatMap(([name, by]) => namedFindings(all, name, by)),
  ];
}

/** Names of StorageClasses, each with the PostgresClass that names it first. */
function namedIn(classes: Given["classes"]): ReadonlyMap<string, string> {
  const pairs = (seenValue(classes) ?? []).flatMap(one => {
    const { name, storageClassName } = completeClass(one);
    return storageClassName === undefined ? [] : [[storageClassName, name] as const];
  });
  return new Map(pairs.reverse());
}

function isDefault({ metadata }: StorageClass): boolean {
  return metadata.annotations?.[defaultAnnotation] === "true";
}

/** Of several the newest, as Kubernetes has it. */
function newestDefault(all: readonly StorageClass[]): StorageClass | undefined {
  const age = ({ metadata }: StorageClass): string => metadata.creationTimestamp ?? "";
  return all.filter(isDefault).sort((a, b) => age(b).localeCompare(age(a)))[0];
}

function defaultFinding(all: readonly StorageClass[], classes: Given["classes"]): Finding {
  const found = newestDefault(all);
  if (found) return growthFinding(found, "the default");
  if (isNeverNeeded(classes)) return ok(subject, "no default, and every PostgresClass names one");
  const remedy = `annotate one with ${defaultAnnotation}=true, or name it in the PostgresClass (spec.storage.storageClassName)`;
  return problem(subject, "none is the default: claims get no volumes", remedy);
}

/** Whether the built-in class, which names none, is never used either. */
function isNeverNeeded(classes: Given["classes"]): boolean {
  const all = seenValue(classes) ?? [];
  const isNaming = (one: (typeof all)[number]): boolean =>
    completeClass(one).storageClassName !== undefined;
  return defaultClass(all) !== undefined && all.every(isNaming);
}

function growthFinding({ metadata, allowVolumeExpansion }: StorageClass, as: string): Finding {
  const said = `${metadata.name}, ${as}`;
  if (allowVolumeExpansion === true) return ok(subject, `${said}: volumes can grow`);
  const remedy = `set allowVolumeExpansion: true on it, if its driver can`;
  return warning(subject, `${said}: volumes cannot grow with spec.storageGB`, remedy);
}

function namedFindings(all: readonly StorageClass[], name: string, by: string): readonly Finding[] {
  const found = all.find(({ metadata }) => metadata.name === name);
  if (found && isDefault(found)) return [];
  if (found) return [growthFinding(found, `of PostgresClass ${by}`)];
  const said = `${name} is not there, and PostgresClass ${by} names it: its claims get no volumes`;
  return [problem(subject, said, `make it, or a PostgresClass with another storageClassName`)];
}
