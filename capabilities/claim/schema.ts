/**
 * OpenAPI schemas as constants: the CRDs are made of them, the TypeScript types are derived from them, and `schemaFaults`
 * checks a value against them where no API server does. So the three cannot drift apart.
 */
import { isRecord } from "../kubernetes/record";
import type { Violation } from "./violation";

export { isRecord };

/** A CEL rule of the API server: https://kubernetes.io/docs/reference/using-api/cel/ */
export type CelRule = {
  readonly rule: string;
  readonly message: string;
  readonly fieldPath?: string;
};

/** The part of a structural schema that we use. A description is not optional: `kubectl explain` shows it. */
export type Schema = {
  readonly type: "object" | "array" | "string" | "integer" | "boolean";
  readonly description: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly minProperties?: number;
  readonly maxProperties?: number;
  readonly "x-kubernetes-list-type"?: "map" | "atomic";
  readonly "x-kubernetes-list-map-keys"?: readonly string[];
  readonly "x-kubernetes-validations"?: readonly CelRule[];
};

type Properties<S extends Schema> = NonNullable<S["properties"]>;
type RequiredKeys<S extends Schema> = S["required"] extends readonly (infer K)[] ? K : never;

/** The TypeScript type of the values that a schema describes. */
export type FromSchema<S extends Schema> = S["type"] extends "object"
  ? S["additionalProperties"] extends Schema
    ? Readonly<Record<string, FromSchema<S["additionalProperties"]>>>
    : {
        readonly [K in keyof Properties<S> as K extends RequiredKeys<S> ? K : never]: FromSchema<
          Properties<S>[K]
        >;
      } & {
        readonly [K in keyof Properties<S> as K extends RequiredKeys<S> ? never : K]?: FromSchema<
          Properties<S>[K]
        >;
      }
  : S["type"] extends "array"
    ? S["items"] extends Schema
      ? readonly FromSchema<S["items"]>[]
      : readonly unknown[]
    : S["type"] extends "string"
      ? S["enum"] extends readonly (infer V)[]
        ? V
        : string
      : S["type"] extends "integer"
        ? number
        : boolean;

/**
 * Everything in which `value` is unlike the schema, unknown fields included, as the API server would say it with strict
 * field validation. CEL rules are not run here: `admission/rules.ts` holds the same rules in TypeScript.
 */
export function schemaFaults(schema: Schema, value: unknown, field: string): readonly Violation[] {
  if (!isOfType(schema.type, value)) {
    return [
      { field, problem: `must be of type ${schema.type}, not ${typeProblem(schema, value)}` },
    ];
  }
  if (typeof value === "string") return stringFaults(schema, value, field);
  if (typeof value === "number") return numberFaults(schema, value, field);
  if (Array.isArray(value)) return arrayFaults(schema, value, field);
  if (isRecord(value)) return objectFaults(schema, value, field);
  return [];
}

function typeProblem(schema: Schema, value: unknown): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  // YAML reads 16 as a number.
  const isUnquoted = schema.type === "string" && typeof value === "number";
  return isUnquoted ? `number: write "${value}", in quotes` : typeof value;
}

function isOfType(type: Schema["type"], value: unknown): boolean {
  switch (type) {
    case "object":
      return isRecord(value);
    case "array":
      return Array.isArray(value);
    case "integer":
      return Number.isInteger(value);
    default:
      return typeof value === type;
  }
}

function stringFaults(schema: Schema, value: string, field: string): readonly Violation[] {
  const { enum: allowed, pattern, minLength = 0, maxLength = Infinity } = schema;
  if (allowed && !allowed.includes(value)) {
    return [{ field, problem: `is ${quote(value)}, but must be one of ${allowed.join(", ")}` }];
  }
  if (value.length < minLength) return [{ field, problem: "must not be empty" }];
  if (value.length > maxLength) {
    return [
      { field, problem: `has ${value.length} characters, but at most ${maxLength} are allowed` },
    ];
  }
  if (pattern && !new RegExp(pattern).test(value)) {
    return [{ field, problem: `is ${quote(value)}, but must match ${pattern}` }];
  }
  return [];
}

function numberFaults(schema: Schema, value: number, field: string): readonly Violation[] {
  const { minimum = -Infinity, maximum = Infinity } = schema;
  if (value >= minimum && value <= maximum) return [];
  return [{ field, problem: `is ${value}, but must be from ${minimum} to ${maximum}` }];
}

function arrayFaults(
  schema: Schema,
  value: readonly unknown[],
  field: string,
): readonly Violation[] {
  if (value.length > (schema.maxItems ?? Infinity)) {
    return [{ field, problem: `has more than ${schema.maxItems ?? ""} items` }];
  }
  if (value.length < (schema.minItems ?? 0)) return [{ field, problem: "must not be empty" }];
  const { items } = schema;
  return items
    ? value.flatMap((item, index) => schemaFaults(items, item, `${field}[${index}]`))
    : [];
}

function objectFaults(
  schema: Schema,
  value: Readonly<Record<string, unknown>>,
  field: string,
): readonly Violation[] {
  const missing = (schema.required ?? [])
    .filter(name => !Object.hasOwn(value, name))
    .map(name => ({ field: join(field, name), problem: "is required" }));
  const present = Object.entries(value).flatMap(([name, child]) => {
    const childSchema = propertyOf(schema, name);
    if (!childSchema) return [{ field: join(field, name), problem: unknownField(schema) }];
    return child === undefined ? [] : schemaFaults(childSchema, child, join(field, name));
  });
  return [...missing, ...countFaults(schema, Object.keys(value).length, field), ...present];
}

function countFaults(
  { minProperties = 0, maxProperties = Infinity, properties = {} }: Schema,
  count: number,
  field: string,
): readonly Violation[] {
  if (count > maxProperties) return [{ field, problem: `has more than ${maxProperties} fields` }];
  if (count >= minProperties) return [];
  const known = Object.keys(properties).join(", ");
  return [{ field, problem: `must not be empty: name at least one of ${known}` }];
}

function propertyOf(schema: Schema, name: string): Schema | undefined {
  const { properties = {}, additionalProperties } = schema;
  return Object.hasOwn(properties, name) ? properties[name] : additionalProperties;
}

function unknownField({ properties = {} }: Schema): string {
  return `is not a known field; known here: ${Object.keys(properties).join(", ")}`;
}

function join(field: string, name: string): string {
  return field === "" ? name : `${field}.${name}`;
}

/** The value as JSON, cut short: it goes into messages and may be hostile. */
export function quote(value: string): string {
  const limit = 80;
  return JSON.stringify(value.length > limit ? `${value.slice(0, limit)}…` : value);
}
