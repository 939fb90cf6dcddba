/** A copy that lacks a field. */
export function without<T extends object, K extends keyof T>(value: T, field: K): Omit<T, K> {
  const entries = Object.entries(value).filter(([name]) => name !== field);
  return Object.fromEntries(entries) as Omit<T, K>;
}
