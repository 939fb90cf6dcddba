/** Whatever happens, and whatever fails: a database goes with its claim only where the claim says so, and stays where it says that. */
import * as fc from "fast-check";
import type { Claim, ClaimSpec } from "../../capabilities/claim/claim";
import { annotations, claimResource, finalizer, labels } from "../../capabilities/claim/names";
import { isControlledBy } from "../../capabilities/kubernetes/owners";
import { keyOf, refOf, type KubeObject, type Ref } from "../../capabilities/kubernetes/objects";
import { clusterResource, type Cluster } from "../../capabilities/operator/cnpg/cluster";
import { acts, adoptions, claims, policies, troubles, type Act } from "./acts";
import { calm, createWorld, isStrange, type World } from "./world";

// As in world.test.ts.
jest.setTimeout(60_000);

/** By the uids of claims: what each said when it was deleted. */
type Last = Map<string, ClaimSpec["deletionPolicy"]>;

const said = fc.array(policies, { maxLength: 3 });
const trouble = fc.oneof({ weight: 2, arbitrary: troubles }, { weight: 1, arbitrary: acts });
/** What is said last has not been heard of yet. */
const worlds = fc
  .tuple(trouble, said, trouble, fc.array(adoptions, { maxLength: 1 }), trouble, said)
  .map(parts => parts.flat());

/** A deleted claim's spec stays as it was: what is noted last was said last. */
function note(last: Last, { server }: World): void {
  for (const found of server.all(claimResource) as readonly Claim[]) {
    last.set(found.metadata.uid ?? "", found.spec.deletionPolicy);
  }
}

async function play(world: World, planned: readonly Act[]): Promise<Last> {
  const last: Last = new Map();
  for (const { play: playOne } of planned) {
    note(last, world);
    await playOne(world);
    expect(world.touched()).toEqual([]);
  }
  note(last, world);
  return last;
}

function clustersIn({ server }: World): readonly KubeObject[] {
  return server.all(clusterResource).filter(found => !isStrange(found));
}

function madeFor({ metadata }: KubeObject): string {
  return metadata.labels?.[labels.claimUid] ?? "";
}

/** The Clusters that are the claims' own and are to stay: by owner, or by the uid in their labels. */
function toStay(world: World): readonly string[] {
  return clustersIn(world)
    .filter(({ metadata }) => metadata.deletionTimestamp === undefined)
    .filter(found => {
      const claim = world.claim(refOf(found));
      const { uid = "" } = claim?.metadata ?? {};
      const isOwn = claim && (isControlledBy(found, claim) || madeFor(found) === uid);
      return isOwn && claim.spec.deletionPolicy === "Retain";
    })
    .map(({ metadata }) => metadata.uid ?? "");
}

function deleteAll(world: World): void {
  for (const ref of claims) {
    const found = world.claim(ref);
    if (found) world.server.remove(found);
  }
}

test("of claims that are deleted in the end, those databases stay that were to, and no others", async () => {
  await fc.assert(
    fc.asyncProperty(worlds, async planned => {
      const world = createWorld();
      const last = await play(world, planned);
      const staying = toStay(world);
      deleteAll(world);
      await calm(world, claims);
      expect(world.touched()).toEqual([]);
      const left = clustersIn(world);
      expect(left.map(({ metadata }) => metadata.uid)).toEqual(
        expect.arrayContaining([...staying]),
      );
      const unwanted = left.filter(found => last.get(madeFor(found)) !== "Retain");
      expect(unwanted.map(found => keyOf(refOf(found)))).toEqual([]);
      const others = world.server
        .all()
        .filter(object => !isStrange(object) && object.kind !== clusterResource.kind)
        .filter(object => !left.some(cluster => isControlledBy(object, cluster)));
      expect(others).toEqual([]);
    }),
    { numRuns: 100 },
  );
});

/** A claim that says what the Cluster has, and takes it over. */
function successor(found: Cluster): Claim {
  const { database, owner } = found.spec.bootstrap.initdb;
  const [version = ""] = /[0-9]+$/.exec(found.spec.imageName) ?? [];
  const annotation = { [annotations.adopt]: found.metadata.uid ?? "" };
  return {
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresInstance",
    metadata: { ...refOf(found), annotations: annotation },
    spec: { version, databaseName: database, databaseOwner: owner, deletionPolicy: "Retain" },
  };
}

/** The claim's Cluster, which it has left; undefined where a stranger's is in its place. */
async function leftBehind(world: World, ref: Ref): Promise<Cluster | undefined> {
  await calm(world, claims);
  const found = world.claim(ref);
  if (found) {
    const spec = { ...found.spec, deletionPolicy: "Retain" as const };
    const metadata = { ...found.metadata, finalizers: [finalizer] };
    world.server.edit(found, live => ({ ...live, ...{ spec, metadata } }));
  }
  await calm(world, claims);
  deleteAll(world);
  await calm(world, claims);
  return world.cluster(ref) as Cluster | undefined;
}

test("a claim that comes after takes over what was left, and its database is the one that was there", async () => {
  let taken = 0;
  await fc.assert(
    fc.asyncProperty(worlds, fc.constantFrom(...claims), async (planned, ref) => {
      const world = createWorld();
      await play(world, planned);
      const left = await leftBehind(world, ref);
      if (!left) return;
      taken += 1;
      world.server.create(successor(left));
      await calm(world, claims);
      const now = world.cluster(ref);
      expect(now?.metadata.uid).toBe(left.metadata.uid);
      expect(now && madeFor(now)).toBe(world.claim(ref)?.metadata.uid);
      expect(world.claim(ref)?.status?.phase).toBe("Ready");
    }),
    { numRuns: 60 },
  );
  expect(taken).toBeGreaterThan(10);
});
