/** Objects with less in them: what nobody reads is not held. Each is built anew, since V8 holds an object with deleted fields as a table. */
import type { KubeObject, Secret } from "./objects";
import { isRecord } from "./record";

/** The names of the fields of `spec` and `status` that stay. */
export type Fields = { readonly spec: readonly string[]; readonly status: readonly string[] };

export function withFields<T extends KubeObject>(object: T, fields: Fields): T {
  const { spec, status } = object as { readonly spec?: unknown; readonly status?: unknown };
  return { ...object, ...picked({ spec, status }, fields) };
}

function picked(parts: Readonly<Record<keyof Fields, unknown>>, fields: Fields): object {
  return {
    ...(isRecord(parts.spec) ? { spec: pick(parts.spec, fields.spec) } : {}),
    ...(isRecord(parts.status) ? { status: pick(parts.status, fields.status) } : {}),
  };
}

/** The Secret with these of its values alone. */
export function withValues({ data, ...rest }: Secret, names: readonly string[]): Secret {
  return data ? { ...rest, data: pick(data, names) } : rest;
}

/** The Secret without its values; any other object as it is. */
export function withoutValues<T extends KubeObject>(object: T): T {
  return "data" in object ? (without(object, "data") as unknown as T) : object;
}

/** `kubectl apply` keeps the whole object in an annotation: https://kubernetes.io/docs/reference/labels-annotations-taints/#kubectl-kubernetes-io-last-applied-configuration */
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** An entry of `managedFields`, without the fields. */
type Manager = { readonly manager: unknown; readonly operation: unknown; readonly time: unknown };

/** Without what `kubectl apply` and server-side apply keep beside the object. Of the latter stays whether and when `manager` wrote. */
export function withoutBookkeeping<T extends KubeObject>(object: T, manager: string): T {
  const { managedFields, annotations, ...metadata } = object.metadata as T["metadata"] & {
    readonly managedFields?: unknown;
  };
  const entries = (Array.isArray(managedFields) ? managedFields : []).filter(isRecord);
  const ours = entries
    .filter(entry => entry.manager === manager && !entry.subresource)
    .map(({ operation, time }): Manager => ({ manager, operation, time }));
  return {
    ...object,
    metadata: {
      ...metadata,
      ...(annotations ? { annotations: withoutLastApplied(annotations) } : {}),
      ...(ours.length > 0 ? { managedFields: ours } : {}),
    },
  };
}

function withoutLastApplied(
  annotations: NonNullable<KubeObject["metadata"]["annotations"]>,
): object {
  return Object.hasOwn(annotations, lastApplied) ? without(annotations, lastApplied) : annotations;
}

function without(fields: object, name: string): object {
  return Object.fromEntries(Object.entries(fields).filter(([found]) => found !== name));
}

function pick<T>(fields: Readonly<Record<string, T>>, names: readonly string[]): Record<string, T> {
  const kept: Record<string, T> = {};
  for (const name of names) {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}
