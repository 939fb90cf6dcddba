/** What a class says about Kratix: annotations, since the module in the cluster needs none of it. */
import type { PostgresClass } from "../../capabilities/claim/class";
import { group } from "../../capabilities/claim/names";
import { quote, schemaFaults } from "../../capabilities/claim/schema";
import type { Violation } from "../../capabilities/claim/violation";
import { namespaceSchema } from "./request-schema";

export const kratixAnnotations = {
  /** `claim` for destinations where the module runs, `cluster` for those that have only the operator. */
  emit: `${group}/kratix-emit`,
  /** Labels of the destinations for databases of this class: `environment=production,region=eu`. */
  destination: `${group}/kratix-destination`,
  /** Namespaces of destinations that a request may name beside its own: `shared,analytics`. */
  namespaces: `${group}/kratix-namespaces`,
  /** Namespaces that the Promise brings to its destinations, where nothing else makes them: `shop,billing`. */
  createNamespaces: `${group}/kratix-create-namespaces`,
} as const;

export type Choices = {
  readonly emit: "claim" | "cluster";
  readonly destination: Readonly<Record<string, string>>;
  readonly namespaces: readonly string[];
};

/** Destinations of all databases, as the Promise selects them too. */
export const destinationLabels = { "workload.bizmatters.dev/databases": "true" } as const;

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const label =
  /^([A-Za-z0-9.-]+\/)?[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?=[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/;

/** What is wrong with the choices of a class. */
export function choiceFaults({ metadata }: PostgresClass): readonly Violation[] {
  const { emit, destination, namespaces, createNamespaces } = annotationsOf(metadata);
  const faultOf = (annotation: string, found: string, must: string): Violation => ({
    field: `class ${metadata.name} metadata.annotations.${annotation}`,
    problem: `is ${quote(found)}, but must be ${must}`,
  });
  const isPair = (pair: string): boolean => label.test(pair);
  const namespaceLists = [
    [kratixAnnotations.namespaces, namespaces],
    [kratixAnnotations.createNamespaces, createNamespaces],
  ] as const;
  return [
    ...(isEmission(emit) ? [] : [faultOf(kratixAnnotations.emit, emit, "claim or cluster")]),
    ...(wordsOf(destination).every(isPair)
      ? []
      : [
          faultOf(
            kratixAnnotations.destination,
            destination,
            "labels as name=value, with commas between",
          ),
        ]),
    ...namespaceLists
      .filter(([, found]) => !wordsOf(found).every(isNamespace))
      .map(([annotation, found]) =>
        faultOf(annotation, found, "names of namespaces, with commas between"),
      ),
  ];
}

/** The choices of a class without faults, or of none. */
export function choicesOf(chosen: PostgresClass | undefined): Choices {
  const { emit, destination, ...rest } = annotationsOf(chosen?.metadata ?? {});
  const pairs = wordsOf(destination).map(pair => pair.split("="));
  return {
    emit: isEmission(emit) ? emit : "claim",
    destination: { ...destinationLabels, ...(Object.fromEntries(pairs) as Choices["destination"]) },
    namespaces: wordsOf(rest.namespaces),
  };
}

/** The namespaces that the Promise brings to its destinations, by their names. */
export function createdNamespaces(classes: readonly PostgresClass[]): readonly string[] {
  const lists = classes.map(({ metadata }) => annotationsOf(metadata).createNamespaces);
  return [...new Set(lists.flatMap(wordsOf))].sort();
}

function isNamespace(name: string): boolean {
  return schemaFaults(namespaceSchema, name, "").length === 0;
}

function annotationsOf({ annotations = {} }: Partial<PostgresClass["metadata"]>): {
  readonly emit: string;
  readonly destination: string;
  readonly namespaces: string;
  readonly createNamespaces: string;
} {
  const {
    [kratixAnnotations.emit]: emit = "claim",
    [kratixAnnotations.destination]: destination = "",
    [kratixAnnotations.namespaces]: namespaces = "",
    [kratixAnnotations.createNamespaces]: createNamespaces = "",
  } = annotations;
  return { emit, destination, namespaces, createNamespaces };
}

function isEmission(word: string): word is Choices["emit"] {
  return word === "claim" || word === "cluster";
}

function wordsOf(list: string): readonly string[] {
  const words = list.split(",").map(word => word.trim());
  return words.filter(word => word !== "");
}
