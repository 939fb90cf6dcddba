/** The module's bindings as Pepr sees them: admission and watcher are the same bundle, in different surroundings. */
import type { postgres } from "../../capabilities/postgres";

export type Binding = (typeof postgres)["bindings"][number];

export const asAdmission = {};
export const asWatcher = { PEPR_WATCH_MODE: "true" };

/** Loads the module anew in these surroundings. */
export async function bindingsIn(
  surroundings: Readonly<Record<string, string>>,
): Promise<readonly Binding[]> {
  const before = { ...process.env };
  Object.assign(process.env, { LOG_LEVEL: "error" }, surroundings);
  try {
    let found: readonly Binding[] = [];
    await jest.isolateModulesAsync(async () => {
      const loaded = await import("../../capabilities/postgres");
      found = loaded.postgres.bindings;
    });
    return found;
  } finally {
    process.env = before;
  }
}
