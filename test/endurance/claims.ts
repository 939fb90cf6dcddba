/** Many claims at once: made, waited for, and removed. */
import { claim, claimResource, readyOf } from "../cluster/claims";
import type { Claim } from "../../capabilities/claim/claim";
import { secretResource } from "../cluster/claims";
import { until } from "../../local/waiting";
import { makeNamespace } from "../cluster/story";
import type { Rig } from "./rig";

const atOnce = 8;
/** In seconds, for all of them. */
const patience = 600;

export async function sideBySide<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const left = [...items];
  const one = async (): Promise<void> => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: atOnce }, one));
}

export async function makeClaims(
  { cluster }: Rig,
  namespace: string,
  count: number,
): Promise<void> {
  await makeNamespace(cluster, namespace);
  const names = Array.from({ length: count }, (_, index) => `claim-${index}`);
  await sideBySide(names, async name => {
    await cluster.create(claimResource, claim({ name, namespace }, {}, { name: `${name}-pg` }));
  });
}

export async function untilAllReady(
  { cluster }: Rig,
  namespace: string,
  count: number,
): Promise<void> {
  await until(
    async () => {
      const claims = await cluster.list<Claim>(claimResource, namespace);
      return claims.filter(one => readyOf(one)?.status === "True").length >= count;
    },
    { what: `waiting for ${count} claims to be Ready`, seconds: patience },
  );
}

export async function removeClaims({ cluster }: Rig, namespace: string): Promise<void> {
  const claims = await cluster.list<Claim>(claimResource, namespace);
  await sideBySide(claims, async ({ metadata: { name } }) =>
    cluster.remove(claimResource, { name, namespace }),
  );
  await until(
    async () => {
      const left = await cluster.list(claimResource, namespace);
      return left.length === 0 && (await cluster.list(secretResource, namespace)).length === 0;
    },
    { what: "waiting for claims and secrets to be gone", seconds: patience },
  );
  await cluster.ask({ method: "DELETE", path: `/api/v1/namespaces/${namespace}` });
}
