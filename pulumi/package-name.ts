/** The types of the components, as Pulumi's state and other languages know them. */
export const packageName = "zero-touch-postgres";

export function typeOf(component: string): string {
  return `${packageName}:index:${component}`;
}
