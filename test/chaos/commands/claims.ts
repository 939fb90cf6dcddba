/** What users do to claims. */
import * as fc from "fast-check";
import type { Claim } from "../../../capabilities/claim/claim";
import {
  broughtRef,
  claimRef,
  claimResource,
  edit,
  find,
  make,
  placeRef,
  remove,
  slots,
  type World,
} from "../world";
import { command, slot } from "./command";

const place = fc.constantFrom("none", "own", "own", "a", "b", "t", "t", "u", "shared");
const wish = fc.record({
  slot,
  place,
  size: fc.constantFrom("small", "medium", "large"),
  storageGB: fc.constantFrom(1, 2, 20),
  bringsCredentials: fc.constantFrom(false, false, false, true),
});

type Wish = typeof wish extends fc.Arbitrary<infer T> ? T : never;

async function create(world: World, asked: Wish): Promise<boolean> {
  const { size, storageGB } = asked;
  const brought = { credentialsSecretName: broughtRef(world, asked.slot).name };
  const made = await make(world, claimResource, {
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresInstance",
    metadata: claimRef(world, asked.slot),
    spec: { size, storageGB, ...(asked.bringsCredentials ? brought : {}) },
    ...(asked.place === "none"
      ? {}
      : { writeConnectionSecretToRef: placeRef(world, asked.slot, asked.place) }),
  });
  return made !== undefined;
}

async function removeClaim(world: World, chosen: number): Promise<boolean> {
  const ref = claimRef(world, chosen);
  const found = await find<Claim>(world, claimResource, ref);
  const uid = found?.metadata.uid;
  if (uid === undefined || !(await remove(world, claimResource, ref))) return false;
  world.deleted.add(uid);
  return true;
}

/** As `kubectl replace --force` does: at once if nothing holds the old one, else as soon as it is gone. */
async function recreate(world: World, asked: Wish): Promise<boolean> {
  if (!(await removeClaim(world, asked.slot))) return false;
  for (let left = 30; left > 0; left -= 1) {
    if (await create(world, asked)) return true;
    if (left % 3 === 0) await new Promise(resolve => setTimeout(resolve, 50));
  }
  return false;
}

const extensionLists = [null, [{ name: "citext" }], [{ name: "citext" }, { name: "pg_trgm" }]];

const poolers = [null, {}, { instances: 2, mode: "transaction" }];

/** A command that changes these fields of a claim's spec. */
function edits<T>(name: string, values: fc.Arbitrary<T>, spec: (value: T) => object) {
  return command(name, fc.record({ slot, value: values }), async (world, asked) =>
    edit(world, claimResource, claimRef(world, asked.slot), { spec: spec(asked.value) }),
  );
}

/** A run begins with claims: what else is done needs some. */
export const firstCommands = slots.map(chosen =>
  command(
    "create",
    wish.map(asked => ({ ...asked, slot: chosen })),
    create,
  ),
);

export const claimCommands = [
  command("create", wish, create),
  command("create", wish, create),
  command("delete", slot, removeClaim),
  command("recreate", wish, recreate),
  command("move", fc.record({ slot, place }), async (world, asked) => {
    const ref = asked.place === "none" ? null : placeRef(world, asked.slot, asked.place);
    return edit(world, claimResource, claimRef(world, asked.slot), {
      writeConnectionSecretToRef: ref,
    });
  }),
  edits("resize", fc.constantFrom("small", "medium", "large"), size => ({ size })),
  edits("grow", fc.constantFrom(20, 30, 40), storageGB => ({ storageGB })),
  edits("scale", fc.constantFrom(1, 2, 3), instances => ({ instances })),
  edits("upgrade", fc.constantFrom("17", "18"), version => ({ version })),
  edits("extend", fc.constantFrom(...extensionLists), extensions => ({ extensions })),
  edits("pool", fc.constantFrom(...poolers), pooler => ({ pooler })),
  edits("tune", fc.constantFrom(null, { work_mem: "8MB" }), parameters => ({ parameters })),
  edits("hibernate or wake", fc.constantFrom(true, false, false), hibernate => ({ hibernate })),
];
