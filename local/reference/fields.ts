/** The fields of claims and classes as Markdown, made of the schemas that the CRDs are made of: what they say is what holds. */
import {
  connectionRefSchema,
  specSchema,
  statusSchema,
} from "../../capabilities/claim/claim-schema";
import { classSpecSchema } from "../../capabilities/claim/class-schema";
import { databaseSpecSchema } from "../../capabilities/claim/database-schema";
import { claimKind, classKind, databaseClaimKind } from "../../capabilities/claim/names";
import type { Schema } from "../../capabilities/claim/schema";
import { table } from "./markdown";

/** A table of the reference: the fields under these names, in this order. */
type Section = Readonly<Record<string, Schema>>;

const claimSection = {
  spec: specSchema,
  writeConnectionSecretToRef: connectionRefSchema,
} as const satisfies Section;

/** The tables, by the name with which a file asks for them. */
export const sections: Readonly<Record<string, Section>> = {
  [claimKind]: claimSection,
  [`${claimKind}.status`]: { status: statusSchema },
  [databaseClaimKind]: {
    spec: databaseSpecSchema,
    writeConnectionSecretToRef: connectionRefSchema,
  },
  [classKind]: { spec: classSpecSchema },
};

type Row = { readonly field: string; readonly values: string; readonly description: string };

/** Fields with fields of their own that were described before: one schema may stand in several places. */
type Described = Map<Schema, string>;

/** A table of all fields of a section, each with the values that it takes. */
export function fieldTable(section: Section): string {
  const described: Described = new Map();
  const rows = Object.entries(section).flatMap(([field, schema]) =>
    field === "spec" || field === "status"
      ? childRows(field, schema, described)
      : rowsOf(field, schema, described),
  );
  return table(
    ["field", "values", "meaning"],
    rows.map(({ field, values, description }) => [`\`${field}\``, values, description]),
  );
}

function rowsOf(field: string, schema: Schema, described: Described): readonly Row[] {
  const before = described.get(schema);
  const row = { field, values: valuesOf(schema), description: schema.description };
  if (before !== undefined) {
    return [
      { ...row, description: `${schema.description} Its fields are those of \`${before}\`.` },
    ];
  }
  const children = childRows(field, schema, described);
  if (children.length > 0) described.set(schema, field);
  return [row, ...children];
}

function childRows(field: string, schema: Schema, described: Described): readonly Row[] {
  const { properties = {}, required = [], items } = schema;
  const own = Object.entries(properties).flatMap(([name, child]) => {
    const rows = rowsOf(`${field}.${name}`, child, described);
    return required.includes(name) ? rows.map(withRequirement(`${field}.${name}`)) : rows;
  });
  return items?.properties ? [...own, ...childRows(`${field}[]`, items, described)] : own;
}

function withRequirement(field: string): (row: Row) => Row {
  return row => (row.field === field ? { ...row, values: `${row.values}; required` } : row);
}

function valuesOf({ type, enum: words, items, additionalProperties, ...bounds }: Schema): string {
  if (words) return words.map(word => `\`${word}\``).join(", ");
  if (type === "array") return items ? `list of: ${valuesOf(items)}` : "list";
  if (type === "object" && additionalProperties) return `map to: ${valuesOf(additionalProperties)}`;
  if (type === "boolean") return "`true`, `false`";
  return type === "integer" ? rangeOf(bounds) : type;
}

function rangeOf({ minimum, maximum }: Pick<Schema, "minimum" | "maximum">): string {
  if (minimum === undefined || maximum === undefined) return "integer";
  return `${minimum} to ${maximum}`;
}
