/** Small CustomResourceDefinitions of our own for the kinds of operators: they type the fields that claims use and keep all others. */
import { marks } from "./marks";
import type { Definition } from "./play";

export const text = { type: "string" };
export const flag = { type: "boolean" };
export const open = { type: "object", "x-kubernetes-preserve-unknown-fields": true };
export const record = (properties: object): object => ({ ...open, properties });

type Served = {
  readonly group: string;
  readonly kind: string;
  readonly plural: string;
  readonly spec: object;
  readonly columns: readonly object[];
};

/** A CustomResourceDefinition, marked as the stand-in's. */
export function definition({ group, kind, plural, spec, columns }: Served): Definition {
  const names = { kind, listKind: `${kind}List`, plural, singular: kind.toLowerCase() };
  const served = {
    name: "v1",
    served: true,
    storage: true,
    subresources: { status: {} },
    additionalPrinterColumns: columns,
    schema: {
      openAPIV3Schema: {
        type: "object",
        required: ["spec"],
        properties: { spec, status: open },
      },
    },
  };
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${group}`, annotations: { [marks.standIn]: "true" } },
    spec: { group, scope: "Namespaced", names, versions: [served] },
  };
}
