/** After the faults: how long it takes until all is well, and whether it stays so without a write. */
import { setTimeout as pause } from "node:timers/promises";
import { complaints } from "./oracle";
import { say } from "./rig";
import { snapshot, type World } from "./world";

/** In seconds: within these everything must be as it should be, once all faults have ended. */
export const patience = 60;
/** In seconds: what takes longer is told. */
export const slow = 10;
const betweenLooks = 200;
/** In ms: what has settled must stay as it is for so long. */
const quiet = 1000;

export type Outcome = { readonly seconds: number; readonly faults: readonly string[] };

/** Waits until all is well, and whether it stays so. */
export async function settle(world: World): Promise<Outcome> {
  const begun = Date.now();
  const since = (): number => (Date.now() - begun) / 1000;
  let last: readonly string[] = [];
  for (;;) {
    const seen = await snapshot(world);
    const faults = complaints(world, seen);
    if (faults.length === 0) {
      if (since() > slow) say(["slow:", ...last].join("\n  "));
      return { seconds: since(), faults: await unrest(world) };
    }
    last = faults;
    if (since() > patience) {
      return {
        seconds: since(),
        faults: [...faults, JSON.stringify(statuses(seen), undefined, 1)],
      };
    }
    await pause(betweenLooks);
  }
}

function statuses({ claims }: Awaited<ReturnType<typeof snapshot>>): unknown {
  return claims.map(({ metadata, spec, writeConnectionSecretToRef, status }) => ({
    ...{ name: metadata.name, namespace: metadata.namespace, uid: metadata.uid },
    ...{ deleted: metadata.deletionTimestamp, generation: metadata.generation },
    ...{ spec, writeConnectionSecretToRef, status },
  }));
}

/** What was written although all was well. */
async function unrest(world: World): Promise<readonly string[]> {
  const versions = async (): Promise<ReadonlyMap<string, string>> => {
    const { claims, clusters, secrets, additions } = await snapshot(world);
    return new Map(
      [...claims, ...clusters, ...secrets, ...additions].map(({ kind, metadata }) => [
        `${kind} ${metadata.namespace ?? ""}/${metadata.name}`,
        metadata.resourceVersion ?? "",
      ]),
    );
  };
  // The last status may be on its way.
  await pause(quiet);
  const before = await versions();
  await pause(quiet);
  const after = await versions();
  const changed = [...after].filter(([what, version]) => before.get(what) !== version);
  return changed.map(([what]) => `${what} was written although all was well`);
}
