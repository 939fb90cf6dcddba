/** Applies the JSON patches that Pepr makes: https://www.rfc-editor.org/rfc/rfc6902 */

export type Operation = {
  readonly op: "add" | "replace" | "remove";
  readonly path: string;
  readonly value?: unknown;
};

/** A copy of the object with the patch applied. */
export function patched(object: unknown, operations: readonly Operation[]): unknown {
  const root = { object: structuredClone(object) };
  for (const operation of operations) change(root, operation);
  return root.object;
}

function change(root: object, { op, path, value }: Operation): void {
  const keys = path
    .split("/")
    .slice(1)
    .map(key => key.replaceAll("~1", "/").replaceAll("~0", "~"));
  const last = keys.pop();
  if (last === undefined) throw new Error("a patch of the whole object");
  const parent = ["object", ...keys].reduce<unknown>(
    (at, key) => Reflect.get(at as object, key),
    root,
  ) as object;
  if (Array.isArray(parent)) {
    const index = last === "-" ? parent.length : Number(last);
    const added = op === "remove" ? [] : [value];
    parent.splice(index, op === "add" ? 0 : 1, ...added);
  } else if (op === "remove") Reflect.deleteProperty(parent, last);
  else Reflect.set(parent, last, value);
}
