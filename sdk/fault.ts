/** What went wrong, in words: whatever it was that was thrown. */
export function messageOf(fault: unknown): string {
  const { message } = (fault ?? {}) as { readonly message?: unknown };
  return typeof message === "string" ? message : String(fault);
}
