/** The operators that run the databases: whether they are there, run, and have no known flaw. */
import { completeClass, defaultClass, type PostgresClass } from "../../capabilities/claim/class";
import { keyOf, refOf } from "../../capabilities/kubernetes/objects";
import { notKnown, ok, problem, warning, type Finding } from "./finding";
import { seenValue, whyUnknown, type Backend, type Deployment, type Surveyed } from "./surveyed";
import { isBefore, versionIn, type Version } from "./version";

type Judged = { readonly state: "warning" | "problem"; readonly said: string; readonly to: string };

type Known = {
  readonly title: string;
  /** The last part of its image's name, whatever the registry. */
  readonly image: string;
  /** The definition of what it makes databases of. */
  readonly definition: string;
  /** The label of its Deployment, which manifests, charts and bundles have alike. */
  readonly label: string;
  /** What is against this version. */
  readonly flaw: (version: Version) => Judged | undefined;
};

export const knownOperators: Readonly<Record<Backend, Known>> = {
  cnpg: {
    title: "CloudNativePG",
    image: "cloudnative-pg",
    definition: "clusters.postgresql.cnpg.io",
    label: "app.kubernetes.io/name=cloudnative-pg",
    flaw: cnpgFlaw,
  },
  zalando: {
    title: "Zalando's operator",
    image: "postgres-operator",
    definition: "postgresqls.acid.zalan.do",
    label: "app.kubernetes.io/name=postgres-operator",
    flaw: zalandoFlaw,
  },
};

const backends: readonly Backend[] = ["cnpg", "zalando"];

/** Mended in 1.29.2 and in 1.30.0, whose prereleases come before it. */
function isSuperuserHole(version: Version): boolean {
  const isOfMendedLine = version.major === 1 && version.minor === 29;
  return isBefore(version, [1, 30, 0]) && !(isOfMendedLine && !isBefore(version, [1, 29, 2]));
}

function cnpgFlaw(version: Version): Judged | undefined {
  if (isSuperuserHole(version)) {
    const said = "lets the owner of a database become superuser (CVE-2026-55769)";
    return { state: "problem", said, to: "1.30.0, or to 1.29.2 where it must stay 1.29" };
  }
  if (!isBefore(version, [1, 30, 0])) return undefined;
  const said = "has no DatabaseRole, which spec.access and databases in shared instances need";
  return { state: "warning", said, to: "1.30.0" };
}

function zalandoFlaw(version: Version): Judged | undefined {
  if (!isBefore(version, [2, 0, 0])) return undefined;
  const said = "is older than 2.0, and what the module knows of it was seen with 2.0.1";
  return { state: "warning", said, to: "2.0.1" };
}

type Given = Pick<Surveyed, "classes" | "definitions" | "operators">;

export function operatorFindings(given: Given): readonly Finding[] {
  const found = backends.flatMap(backend => findingsOf(backend, given));
  return found.length > 0 ? found : [missing("cnpg", "no other operator is there either")];
}

function findingsOf(backend: Backend, given: Given): readonly Finding[] {
  const { title, definition } = knownOperators[backend];
  const kind = given.definitions[definition];
  // Whatever has a Deployment of the name: without its kind it is none of these, or not installed as a whole.
  if (isKnownMissing(kind)) return missingFindings(backend, given);
  const deployments = seenValue(given.operators[backend]) ?? [];
  if (deployments.length > 0) return deployments.flatMap(one => deploymentFindings(backend, one));
  const why = whyUnknown(kind) ?? whyUnknown(given.operators[backend]);
  return [why === undefined ? unseen(backend) : notKnown(title, why)];
}

function isKnownMissing(kind: Given["definitions"][string] | undefined): boolean {
  return whyUnknown(kind) === undefined && seenValue(kind) === undefined;
}

function unseen(backend: Backend): Finding {
  const { title, label } = knownOperators[backend];
  const said = `its CRDs are there, but no Deployment with label ${label}`;
  return warning(title, said, "see that it runs, and that it is of a version without known flaws");
}

function missing(backend: Backend, why: string): Finding {
  const { title, definition } = knownOperators[backend];
  const said = `its CRD ${definition} is not there, and ${why}`;
  return problem(title, said, "install the operator, as its documentation has it");
}

/** Where nobody needs it nothing is said. */
function missingFindings(backend: Backend, { classes, ...given }: Given): readonly Finding[] {
  const all = seenValue(classes) ?? [];
  const naming = all.filter(one => completeClass(one).backend === backend);
  if (naming.length > 0) return [missing(backend, `${namesOf(naming)} cannot do without it`)];
  const isBuiltInUsed = backend === "cnpg" && defaultClass(all) === undefined;
  if (!isBuiltInUsed || isKnownMissing(given.definitions[knownOperators.zalando.definition])) {
    return [];
  }
  const { title, definition } = knownOperators[backend];
  const said = `its CRD ${definition} is not there, and claims without a class get the built-in one, which is of it`;
  return [warning(title, said, "make a class of Zalando's operator the default, or install it")];
}

function namesOf(classes: readonly PostgresClass[]): string {
  const names = classes.map(({ metadata }) => metadata.name).join(", ");
  return `${classes.length === 1 ? "class" : "classes"} ${names}`;
}

function deploymentFindings(backend: Backend, deployment: Deployment): readonly Finding[] {
  const { title } = knownOperators[backend];
  const stopped = availability(title, deployment);
  const version = versionFinding(backend, deployment);
  return stopped ? [version, stopped] : [version];
}

function versionFinding(backend: Backend, deployment: Deployment): Finding {
  const { title, flaw } = knownOperators[backend];
  const place = `Deployment ${keyOf(refOf(deployment))}`;
  const text = versionText(backend, deployment);
  const version = versionIn(text ?? "");
  if (text === undefined || !version) {
    return notKnown(title, `${place} does not say its version`, "compare its image with the notes");
  }
  const found = flaw(version);
  if (!found) return ok(title, `${text} (${place})`);
  const said = `${text} (${place}) ${found.said}`;
  return (found.state === "problem" ? problem : warning)(title, said, `upgrade it to ${found.to}`);
}

/** The tag of its image, or what its chart says; undefined where neither tells. */
function versionText(backend: Backend, { metadata, spec }: Deployment): string | undefined {
  const tagged = new RegExp(`(?:^|/)${knownOperators[backend].image}:([^@]+)`);
  const containers = spec?.template?.spec?.containers ?? [];
  const tags = containers.flatMap(({ image = "" }) => tagged.exec(image)?.[1] ?? []);
  const texts = [...tags, metadata.labels?.["app.kubernetes.io/version"] ?? ""];
  return texts.find(text => versionIn(text) !== undefined);
}

/** What is against a Deployment that has no pod to answer; undefined where it has one. */
export function availability(subject: string, deployment: Deployment): Finding | undefined {
  const { availableReplicas = 0 } = deployment.status ?? {};
  if (availableReplicas > 0) return undefined;
  const { name, namespace } = refOf(deployment);
  const said = `no pod of Deployment ${namespace}/${name} is available`;
  return problem(subject, said, `kubectl describe deployment ${name} -n ${namespace} says why`);
}
