/** The fields that have a value: for building objects whose optional fields are either there or not, never undefined. */
export function given<T extends object>(fields: T): Given<T> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Given<T>;
}

type Given<T extends object> = { [K in keyof T]?: Exclude<T[K], undefined> };
