/** The objects of a cluster are much alike: of what is equal in two of them only one is held. */

/** Gives the value, made of parts that are held already where there are equal ones. The value is not to be changed afterwards. */
export type Share = <T>(value: T) => T;

/** A part that may be shared, and what it is called within larger parts. */
type Part = { readonly token: string; readonly value: unknown };

/**
 * Parts remembered before the oldest are let go: more than what all databases have in common, and no more than some 100 KB. Parts
 * that come again stay, so that those of a single object do not drive them out.
 */
export const mostRemembered = 500;

export function createSharing(most = mostRemembered): Share {
  let recent = new Map<string, Part>();
  let former = new Map<string, Part>();
  let parts = 0;

  /** Named by all that it consists of: two parts have one name only if they are equal. */
  function known(name: string, value: unknown): Part {
    const found = recent.get(name) ?? former.get(name);
    if (found && recent.has(name)) return found;
    if (recent.size >= most) {
      former = recent;
      recent = new Map();
    }
    const part = found ?? { token: String((parts += 1)), value };
    recent.set(name, part);
    return part;
  }

  function partOf(value: unknown): Part {
    if (typeof value === "string") return known(`"${value}`, value);
    if (Array.isArray(value)) {
      const items = value.map(partOf);
      return known(`[${items.map(({ token }) => token).join()}`, items.map(valueOf));
    }
    if (typeof value !== "object" || value === null) return { token: `=${String(value)}`, value };
    let name = "{";
    const shared: [string, unknown][] = [];
    for (const [field, content] of Object.entries(value)) {
      const part = partOf(content);
      // With its length before it no field's name can look like two.
      name += `${field.length}:${field}${part.token},`;
      shared.push([field, part.value]);
    }
    return known(name, Object.fromEntries(shared));
  }

  return value => partOf(value).value as typeof value;
}

function valueOf({ value }: Part): unknown {
  return value;
}
