/** The params of a Score resource, and the fields of a claim that they become. A door has no defaults: those are the class's. */
import type { Violation } from "../../capabilities/claim/violation";
import { quote } from "../../capabilities/claim/schema";
import { gibibytesIn } from "../../capabilities/claim/storage-size";
import { isRecord } from "../../capabilities/kubernetes/record";

type Param = {
  /** Of `spec`; of `metadata` where it is the namespace. */
  readonly field: string;
  /** The value as the claim has it. What cannot be read stays as it is, and the claim's rules say what it must be. */
  readonly read: (value: unknown) => unknown;
  /** What it must be, where the claim's own rule speaks of something else. */
  readonly mustBe?: (value: unknown) => string;
};

const asIs = (value: unknown): unknown => value;

/** Every param by name; two names of one field are spellings. */
export const params: Readonly<Record<string, Param>> = {
  version: { field: "version", read: text },
  size: { field: "size", read: asIs },
  replicas: { field: "instances", read: wholeNumber },
  class: { field: "className", read: asIs },
  storage: { field: "storageGB", read: gibibytes, mustBe: wholeGibibytes },
  extensions: { field: "extensions", read: extensions },
  name: { field: "databaseName", read: asIs },
  db_name: { field: "databaseName", read: asIs },
  namespace: { field: "namespace", read: asIs },
  team: { field: "teamId", read: asIs },
  team_id: { field: "teamId", read: asIs },
};

/** `version: 16` without quotes is a number in YAML. */
function text(value: unknown): unknown {
  return typeof value === "number" ? String(value) : value;
}

/** What comes out of a placeholder is text. */
function wholeNumber(value: unknown): unknown {
  return typeof value === "string" && /^\d{1,5}$/.test(value) ? Number(value) : value;
}

function gibibytes(value: unknown): unknown {
  const number = wholeNumber(value);
  if (typeof number !== "string") return number;
  const found = gibibytesIn(number);
  return typeof found === "number" ? found : value;
}

function wholeGibibytes(value: unknown): string {
  const found = typeof value === "string" ? gibibytesIn(value) : undefined;
  return typeof found === "object" ? found.mustBe : 'whole GiB, such as 10 or "10Gi"';
}

/** Names alone are enough. */
function extensions(value: unknown): unknown {
  if (!Array.isArray(value)) return value;
  return value.map((one: unknown) => (typeof one === "string" ? { name: one } : one));
}

/** What the params ask for, by the claim's fields. */
export function askedFields(
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => {
      const param = paramOf(name);
      return param ? [[param.field, param.read(value)]] : [];
    }),
  );
}

/** Params that are not known, and fields that two of them ask for differently. */
export function paramFaults(given: Readonly<Record<string, unknown>>): readonly Violation[] {
  return Object.keys(given).flatMap(name => {
    const param = paramOf(name);
    if (!param) return [{ field: `params.${name}`, problem: unknownProblem() }];
    const rival = Object.keys(given).find(
      other => other !== name && paramOf(other)?.field === param.field,
    );
    if (rival === undefined || rival > name || isSameValue(given[name], given[rival])) return [];
    return [
      {
        field: `params.${name}`,
        problem: `asks for ${shown(given[name])}, but params.${rival}, which means the same, for ${shown(given[rival])}: keep one of them`,
      },
    ];
  });
}

/** The faults of a claim in the words of the resource. */
export function inParams(
  faults: readonly Violation[],
  given: Readonly<Record<string, unknown>>,
): readonly Violation[] {
  return faults.map(({ field, problem }) => {
    const [, name, rest = ""] = /^(?:spec|metadata)\.([A-Za-z]+)(.*)$/.exec(field) ?? [];
    const spelled = Object.keys(given).find(param => paramOf(param)?.field === name);
    if (spelled === undefined) return { field, problem };
    const { mustBe } = paramOf(spelled) ?? {};
    const words =
      mustBe === undefined
        ? problem
        : `is ${shown(given[spelled])}, but must be ${mustBe(given[spelled])}`;
    return { field: `params.${spelled}${rest}`, problem: words };
  });
}

function paramOf(name: string): Param | undefined {
  return Object.hasOwn(params, name) ? params[name] : undefined;
}

function unknownProblem(): string {
  return `is not known: there are ${Object.keys(params).join(", ")}`;
}

function isSameValue(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function shown(value: unknown): string {
  return typeof value === "string" ? quote(value) : isRecord(value) ? "an object" : String(value);
}
