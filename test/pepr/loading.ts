/** The module's bindings as Pepr sees them: admission and watcher are the same bundle, in different surroundings. */
import type { createCapability, Handlers } from "../../capabilities/postgres";

export type Binding = ReturnType<typeof createCapability>["bindings"][number];

export const asAdmission = {};
export const asWatcher = { PEPR_WATCH_MODE: "true" };

const admission: Handlers["instances"] = {
  mutate: async () => Promise.resolve(),
  validate: async request => Promise.resolve(request.Approve()),
  validateDeletion: async request => Promise.resolve(request.Approve()),
};

/** Loads the module anew in these surroundings; `heard` is told of what the bindings hand on. */
export async function bindingsIn(
  surroundings: Readonly<Record<string, string>>,
  heard: Handlers["heard"] = () => undefined,
): Promise<readonly Binding[]> {
  const before = { ...process.env };
  Object.assign(process.env, { LOG_LEVEL: "error" }, surroundings);
  try {
    let found: readonly Binding[] = [];
    await jest.isolateModulesAsync(async () => {
      const loaded = await import("../../capabilities/postgres");
      found = loaded.createCapability({
        instances: admission,
        databases: admission,
        classes: admission,
        heard,
      }).bindings;
    });
    return found;
  } finally {
    process.env = before;
  }
}
