/** What a class must not offer, as an ordered list of small rules. The list is the specification; all faults come at once. */
import { builtInClass, type ClassSpec, type SizeSpec, type Toleration } from "../../claim/class";
import type { KubeObject } from "../../kubernetes/objects";
import { builtInName } from "../../claim/names";
import { amountOf } from "../../kubernetes/quantity";
import { quote } from "../../claim/schema";
import type { Violation } from "../../claim/violation";
import { operators } from "../../operator/operators";
import { classBackupRules } from "./backup-rules";
import { imageViolations } from "./image-rules";

type Asked = Pick<KubeObject, "metadata"> & { readonly spec: ClassSpec };
type ClassRule = (asked: Asked) => readonly Violation[];

const classRules: readonly ClassRule[] = [
  nameIsNotBuiltIn,
  versionsAreSupported,
  versionsDiffer,
  defaultVersionIsAllowed,
  imageIsLegal,
  nodeLabelsAreLegal,
  tolerationsAreLegal,
  amountsMakeSense,
  requestsAreWithinLimits,
  pullSecretsDiffer,
  durabilityCanBeKept,
  ...classBackupRules,
  operatorCanDoIt,
];

/** Everything wrong with a class by itself. */
export function classViolations(asked: Asked): readonly Violation[] {
  return classRules.flatMap(rule => rule(asked));
}

function nameIsNotBuiltIn({ metadata: { name } }: Asked): readonly Violation[] {
  if (name !== builtInName) return [];
  return [
    {
      field: "metadata.name",
      problem: `is ${quote(name)}, the name of the class where there is no other, and the claims that were made with that would change: use another name`,
    },
  ];
}

const allowedField = "spec.versions.allowed";

function versionsAreSupported({ spec: { versions, backend } }: Asked): readonly Violation[] {
  const { title, facts } = operators[backend ?? builtInClass.backend];
  const known = facts.versions;
  const allowed = (versions?.allowed ?? []).map((version, index) => ({ version, index }));
  return allowed
    .filter(({ version }) => !known.includes(version))
    .map(({ version, index }) => ({
      field: `${allowedField}[${index}]`,
      problem: `is ${quote(version)}, but ${title} runs ${known.join(", ")}`,
    }));
}

function versionsDiffer({ spec: { versions } }: Asked): readonly Violation[] {
  return (versions?.allowed ?? []).flatMap((version, index, all) =>
    all.indexOf(version) === index
      ? []
      : [
          {
            field: `${allowedField}[${index}]`,
            problem: `is ${quote(version)} again: leave it out`,
          },
        ],
  );
}

function defaultVersionIsAllowed({ spec: { versions } }: Asked): readonly Violation[] {
  if (!versions || versions.allowed.includes(versions.default)) return [];
  return [
    {
      field: "spec.versions.default",
      problem: `is ${quote(versions.default)}, but ${allowedField} has only ${versions.allowed.join(", ")}: name one of them, or allow it`,
    },
  ];
}

function imageIsLegal({ spec: { image } }: Asked): readonly Violation[] {
  return imageViolations("spec.image", image);
}

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#syntax-and-character-set */
const labelName =
  /^([a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?\/)?[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;

function nodeLabelsAreLegal({ spec: { placement } }: Asked): readonly Violation[] {
  return Object.keys(placement?.nodeSelector ?? {})
    .filter(name => !labelName.test(name))
    .map(name => ({
      field: "spec.placement.nodeSelector",
      problem: `has ${quote(name)}, which no label of a node can be named: write for example "example.com/databases"`,
    }));
}

type TolerationRule = readonly [isBroken: (toleration: Toleration) => boolean, problem: string];

/** What the API server demands of a pod's, else no instance could be made. */
const tolerationRules: readonly TolerationRule[] = [
  [
    ({ operator, value }) => operator === "Exists" && value !== undefined,
    "has operator Exists and a value: leave the value out, or use Equal",
  ],
  [
    ({ operator, key }) => operator !== "Exists" && key === undefined,
    "has no key: name one, or tolerate every taint with operator Exists",
  ],
  [
    ({ effect, tolerationSeconds }) => tolerationSeconds !== undefined && effect !== "NoExecute",
    "has tolerationSeconds, which go with effect NoExecute alone: leave them out, or set it",
  ],
  [
    ({ key }) => key !== undefined && !labelName.test(key),
    'has a key that no taint can have: write for example "example.com/databases"',
  ],
];

function tolerationsAreLegal({ spec: { placement } }: Asked): readonly Violation[] {
  return (placement?.tolerations ?? []).flatMap((toleration, index) =>
    tolerationRules
      .filter(([isBroken]) => isBroken(toleration))
      .map(([, problem]) => ({ field: `spec.placement.tolerations[${index}]`, problem })),
  );
}

type Amount = { readonly field: string; readonly kind: "cpu" | "memory"; readonly text: string };

const mebibyte = "1Mi";

function amountsMakeSense(asked: Asked): readonly Violation[] {
  return amountsOf(asked).flatMap(({ field, kind, text }) => {
    const problem = kind === "cpu" ? cpuProblem(text) : memoryProblem(text);
    return problem === undefined ? [] : [{ field, problem: `is ${quote(text)}, ${problem}` }];
  });
}

function cpuProblem(text: string): string | undefined {
  if (amountOf(text) === 0n) return "which is none: write for example 250m";
  const isInBytes = !/^[0-9.]+m?$/.test(text);
  return isInBytes ? "but cpu is counted in cores: write for example 250m or 1.5" : undefined;
}

/** The unit is easily lost, or meant otherwise: `m` are thousandths. */
function memoryProblem(text: string): string | undefined {
  const bytes = amountOf(text) ?? 0n;
  return bytes < (amountOf(mebibyte) ?? 0n)
    ? `which is less than ${mebibyte}: write for example 256Mi`
    : undefined;
}

function amountsOf(asked: Asked): readonly Amount[] {
  return sizesOf(asked).flatMap(({ field, size }) =>
    (["cpu", "memory"] as const).flatMap(kind =>
      (["request", "limit"] as const).map(end => ({
        field: `${field}.${kind}.${end}`,
        kind,
        text: size[kind][end],
      })),
    ),
  );
}

function sizesOf({ spec }: Asked): readonly { readonly field: string; readonly size: SizeSpec }[] {
  return Object.entries(spec.sizes ?? {}).map(([name, size]) => ({
    field: `spec.sizes.${name}`,
    size,
  }));
}

function requestsAreWithinLimits(asked: Asked): readonly Violation[] {
  return sizesOf(asked).flatMap(({ field, size }) =>
    (["cpu", "memory"] as const).flatMap(kind => {
      const { request, limit } = size[kind];
      if ((amountOf(request) ?? 0n) <= (amountOf(limit) ?? 0n)) return [];
      return [
        {
          field: `${field}.${kind}.request`,
          problem: `is ${quote(request)}, which is above the limit of ${quote(limit)}`,
        },
      ];
    }),
  );
}

function operatorCanDoIt({ spec }: Asked): readonly Violation[] {
  return operators[spec.backend ?? builtInClass.backend].unsupportedByClass(spec);
}

function pullSecretsDiffer({ spec: { imagePullSecrets = [] } }: Asked): readonly Violation[] {
  return imagePullSecrets.flatMap((name, index, all) =>
    all.indexOf(name) === index
      ? []
      : [
          {
            field: `spec.imagePullSecrets[${index}]`,
            problem: `is ${quote(name)} again: leave it out`,
          },
        ],
  );
}

function durabilityCanBeKept({ spec }: Asked): readonly Violation[] {
  if (spec.durability !== "required") return [];
  return Object.entries(spec.sizes ?? builtInClass.sizes)
    .filter(([, { instances = 1 }]) => instances < 2)
    .map(([name]) => ({
      field: `spec.sizes.${name}.instances`,
      problem:
        "is 1, but spec.durability is required, which takes at least 2, and 3 to go on without one",
    }));
}
