/** What people do by hand to what the module and the operator have made. */
import { isControlledBy } from "../../../capabilities/kubernetes/owners";
import * as fc from "fast-check";
import type { Claim } from "../../../capabilities/claim/claim";
import { type Ref, refOf } from "../../../capabilities/kubernetes/objects";
import { labels } from "../../../capabilities/claim/names";
import {
  claimRef,
  claimResource,
  clusterResource,
  edit,
  find,
  remove,
  secretResource,
  snapshot,
  type World,
} from "../world";
import { command, slot } from "./command";

const clusterChanges = [
  { spec: { instances: 3 } },
  { spec: { storage: { size: "99Gi" } } },
  { spec: { enableSuperuserAccess: true } },
  { spec: { resources: null } },
  { metadata: { annotations: { "database.bizmatters.io/applied": "by hand" } } },
  { metadata: { labels: { "app.kubernetes.io/managed-by": "someone" }, annotations: { a: "b" } } },
] as const;

const text = (value: string): string => Buffer.from(value).toString("base64");

const secretChanges = [
  { data: { password: text("by hand") } },
  { data: { uri: null, host: text("elsewhere") } },
  { data: null },
  { data: { more: text("more") }, metadata: { labels: { more: "more" } } },
  { metadata: { labels: { [labels.claimUid]: null } } },
  { metadata: { labels: { [labels.claimUid]: "another", [labels.claimName]: null } } },
] as const;

async function removeCluster(world: World, chosen: number): Promise<boolean> {
  const ref = claimRef(world, chosen);
  return (await isOfClaim(world, ref)) && remove(world, clusterResource, ref);
}

/** What is foreign stays as it was made, but by the commands for that. */
async function isOfClaim(world: World, ref: Ref): Promise<boolean> {
  const claim = await find(world, claimResource, ref);
  const cluster = await find(world, clusterResource, ref);
  return cluster !== undefined && claim !== undefined && isControlledBy(cluster, claim);
}

function credentialsOf(world: World, chosen: number): Ref {
  const { name, namespace } = claimRef(world, chosen);
  return { name: `${name}-app`, namespace };
}

/** Where the status says that the connection secret is, unless it is another by now. */
async function written(world: World, chosen: number): Promise<Ref | undefined> {
  const claim = await find<Claim>(world, claimResource, claimRef(world, chosen));
  const ref = claim?.status?.connectionSecretRef;
  if (!ref) return undefined;
  const secret = await find(world, secretResource, ref);
  return secret?.metadata.uid === ref.uid ? ref : undefined;
}

const pin = { metadata: { finalizers: ["chaos.test/pin"] } };

/** Lets go of all that was held by a finalizer of someone else's. */
export async function unpin(world: World): Promise<void> {
  const { secrets } = await snapshot(world);
  const pinned = secrets.filter(({ metadata }) => metadata.finalizers?.includes("chaos.test/pin"));
  for (const secret of pinned) {
    await edit(world, secretResource, refOf(secret), { metadata: { finalizers: null } });
  }
}

export const handCommands = [
  command("pin connection secret", slot, async (world, chosen) => {
    const ref = await written(world, chosen);
    return ref !== undefined && edit(world, secretResource, ref, pin);
  }),
  command("unpin", fc.constant(undefined), async world => {
    await unpin(world);
    return true;
  }),
  command("delete Cluster", slot, removeCluster),
  command(
    "edit Cluster",
    fc.record({ slot, change: fc.nat(clusterChanges.length - 1) }),
    async (world, asked) => {
      const ref = claimRef(world, asked.slot);
      const change = clusterChanges[asked.change] ?? {};
      return (await isOfClaim(world, ref)) && edit(world, clusterResource, ref, change);
    },
  ),
  command("delete -app secret", slot, async (world, chosen) =>
    remove(world, secretResource, credentialsOf(world, chosen)),
  ),
  command(
    "change password",
    fc.record({ slot, password: fc.constantFrom("new: /@?&", "newer", "ünïcode ✓") }),
    async (world, asked) =>
      edit(world, secretResource, credentialsOf(world, asked.slot), {
        data: { password: text(asked.password) },
      }),
  ),
  command("delete connection secret", slot, async (world, chosen) => {
    const ref = await written(world, chosen);
    return ref !== undefined && remove(world, secretResource, ref);
  }),
  command(
    "edit connection secret",
    fc.record({ slot, change: fc.nat(secretChanges.length - 1) }),
    async (world, asked) => {
      const ref = await written(world, asked.slot);
      const change = secretChanges[asked.change] ?? {};
      return ref !== undefined && edit(world, secretResource, ref, change);
    },
  ),
];
