/**
 * Environment for pods that name claims, where the API server does not carry out the policy of `zero-touch-postgres injection` itself
 * (Kubernetes before 1.36). Both do the same: a test compares them.
 */
import { prefixOf, variables } from "../claim/environment";
import { askedAnnotation, doneAnnotation, mostClaims } from "../claim/injection";
import { connectionSecretName } from "../claim/names";
import { fieldOf, isRecord, textIn } from "../kubernetes/record";
import { requestAbout } from "./review";

/** https://datatracker.ietf.org/doc/html/rfc6902#section-4.1 */
export type Addition = { readonly op: "add"; readonly path: string; readonly value: unknown };

/** The API server's question about a pod, answered yes. */
export type PodAnswer = { readonly uid: string; readonly patch: readonly Addition[] };

type Variable = { readonly name: string; readonly valueFrom: unknown };

/** The answer to a review of a pod that is made; undefined for all other reviews. It is not known to be well-formed. */
export function podAnswer(review: unknown): PodAnswer | undefined {
  const { uid, object } = requestAbout(review, { operation: "CREATE", kind: "Pod" }) ?? {};
  if (typeof uid !== "string" || !isRecord(object)) return undefined;
  return { uid, patch: injectionPatch(object) };
}

/** What makes a pod find the databases that it asks for; nothing where it asks for none, or has them already. */
export function injectionPatch(pod: Readonly<Record<string, unknown>>): readonly Addition[] {
  const annotations = fieldOf(pod.metadata, "annotations");
  const asked = textIn(annotations, askedAnnotation);
  if (asked === undefined || textIn(annotations, doneAnnotation) !== undefined) return [];
  const wanted = variablesOf(asked);
  return [
    added(`/metadata/annotations/${doneAnnotation.replace("/", "~1")}`, asked),
    ...["containers", "initContainers"].flatMap(field =>
      listOf(fieldOf(pod.spec, field)).map((container, index) =>
        added(`/spec/${field}/${index}/env`, environmentOf(container, wanted)),
      ),
    ),
  ];
}

function added(path: string, value: unknown): Addition {
  return { op: "add", path, value };
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** What it has not got yet before its own, which may so refer to it. */
function environmentOf(container: unknown, wanted: readonly Variable[]): readonly unknown[] {
  const own = listOf(fieldOf(container, "env"));
  const names = new Set(own.map(one => textIn(one, "name")));
  return [...wanted.filter(({ name }) => !names.has(name)), ...own];
}

/** Those of the first claim without a prefix. */
function variablesOf(asked: string): readonly Variable[] {
  const entries = asked
    .split(",")
    .map(entry => entry.trim())
    .filter(entry => entry !== "");
  return entries.slice(0, mostClaims).flatMap((entry, index) => {
    const [claim = "", secret = connectionSecretName(claim)] = entry.split("=");
    const prefix = index === 0 ? "" : prefixOf(claim);
    return Object.entries(variables).map(([name, key]) => ({
      name: `${prefix}${name}`,
      valueFrom: { secretKeyRef: { name: secret, key } },
    }));
  });
}
