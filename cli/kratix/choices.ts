/** What a class says about Kratix: annotations, since the module in the cluster needs none of it. */
import type { PostgresClass } from "../../capabilities/claim/class";
import { group } from "../../capabilities/claim/names";
import { quote } from "../../capabilities/claim/schema";
import type { Violation } from "../../capabilities/claim/violation";

export const kratixAnnotations = {
  /** `claim` for destinations where the module runs, `cluster` for those that have only the operator. */
  emit: `${group}/kratix-emit`,
  /** Labels of the destinations for databases of this class: `environment=production,region=eu`. */
  destination: `${group}/kratix-destination`,
} as const;

export type Choices = {
  readonly emit: "claim" | "cluster";
  readonly destination: Readonly<Record<string, string>>;
};

/** Destinations of all databases, as the Promise selects them too. */
export const destinationLabels = { "workload.bizmatters.dev/databases": "true" } as const;

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const label =
  /^([A-Za-z0-9.-]+\/)?[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?=[A-Za-z0-9]([A-Za-z0-9_.-]*[A-Za-z0-9])?$/;

/** What is wrong with the choices of a class. */
export function choiceFaults({ metadata }: PostgresClass): readonly Violation[] {
  const { emit, destination } = annotationsOf(metadata);
  const faultOf = (annotation: string, found: string, must: string): Violation => ({
    field: `class ${metadata.name} metadata.annotations.${annotation}`,
    problem: `is ${quote(found)}, but must be ${must}`,
  });
  const isPair = (pair: string): boolean => label.test(pair);
  return [
    ...(isEmission(emit) ? [] : [faultOf(kratixAnnotations.emit, emit, "claim or cluster")]),
    ...(pairsOf(destination).every(isPair)
      ? []
      : [
          faultOf(
            kratixAnnotations.destination,
            destination,
            "labels as name=value, with commas between",
          ),
        ]),
  ];
}

/** The choices of a class without faults, or of none. */
export function choicesOf(chosen: PostgresClass | undefined): Choices {
  const { emit, destination } = annotationsOf(chosen?.metadata ?? {});
  const pairs = pairsOf(destination).map(pair => pair.split("="));
  return {
    emit: isEmission(emit) ? emit : "claim",
    destination: { ...destinationLabels, ...(Object.fromEntries(pairs) as Choices["destination"]) },
  };
}

function annotationsOf({ annotations = {} }: Partial<PostgresClass["metadata"]>): {
  readonly emit: string;
  readonly destination: string;
} {
  const {
    [kratixAnnotations.emit]: emit = "claim",
    [kratixAnnotations.destination]: destination = "",
  } = annotations;
  return { emit, destination };
}

function isEmission(word: string): word is Choices["emit"] {
  return word === "claim" || word === "cluster";
}

function pairsOf(labels: string): readonly string[] {
  const pairs = labels.split(",").map(pair => pair.trim());
  return pairs.filter(pair => pair !== "");
}
