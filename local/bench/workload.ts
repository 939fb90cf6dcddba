// The claims of the benchmark, and the plain client that is its ceiling: it does by hand only what cannot be left out.
import type { ApiClient, ApiResponse } from "../../capabilities/cluster/client";
import { collectionPath, faultOf, pathOf } from "../../capabilities/cluster/paths";
import { cluster, clusterResource } from "../../capabilities/operator/cnpg/cluster";
import { builtInClass } from "../../capabilities/claim/class";
import type { Claim } from "../../capabilities/claim/claim";
import { type KubeObject, type Ref, secretResource } from "../../capabilities/kubernetes/objects";
import { claimResource, fieldManager } from "../../capabilities/claim/names";
import { connectionSecret } from "../../capabilities/reconcile/connection/connection-secret";
import { watchFor } from "./sightings";

export const namespace = "bench";

/** Claims that the users of the benchmark create side by side. */
const users = 16;

/** What is made for a claim by hand besides the claim itself, as counted by the API server. */
export const byHand = ["POST clusters", "POST secrets", "PATCH postgresinstances/status"] as const;

export function claimNames(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `claim-${index}`);
}

export function connectionSecretName(claim: string): string {
  return `${claim}-connection`;
}

/** Does the work for each item, as many side by side as there are users. */
export async function sideBySide<T>(
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const waiting = [...items];
  const worker = async (): Promise<void> => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: users }, worker));
}

export async function createClaim(api: ApiClient, name: string): Promise<Claim> {
  const object = {
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresInstance",
    metadata: { name, namespace },
    spec: { size: "medium" },
    writeConnectionSecretToRef: { name: connectionSecretName(name) },
  };
  const path = collectionPath(claimResource, namespace);
  return (await demand(api({ method: "POST", path, body: object }), name)) as Claim;
}

/** Removes all claims and waits until nothing of them is left. */
export async function removeClaims(api: ApiClient, names: readonly string[]): Promise<void> {
  await sideBySide(names, async name => {
    await demand(api({ method: "DELETE", path: pathOf(claimResource, { name, namespace }) }), name);
  });
}

/**
 * For each claim: creates it, its Cluster, and, once the operator's secret is there, the connection secret and the status.
 * Resolves with the milliseconds that all took.
 */
export async function runByHand(
  api: ApiClient,
  kubeconfig: string,
  names: readonly string[],
): Promise<number> {
  const begun = performance.now();
  const claims = new Map<string, Claim>();
  let done = 0;
  const finish = async (name: string): Promise<void> => {
    const claim = claims.get(name);
    if (!claim) throw new Error(`claim ${name} has credentials before it was made`);
    const body = connectionSecret(claim, ref(name), connection, "bench");
    await demand(
      api({ method: "POST", path: collectionPath(secretResource, namespace), body }),
      name,
    );
    const status = { phase: "Ready", endpoint: `${name}-rw.${namespace}.svc.cluster.local` };
    const path = `${pathOf(claimResource, { name, namespace })}/status?fieldManager=${fieldManager}`;
    const contentType = "application/merge-patch+json";
    await demand(api({ method: "PATCH", path, contentType, body: { status } }), name);
    done += 1;
  };
  const faults: unknown[] = [];
  const credentials = await watchFor(
    kubeconfig,
    collectionPath(secretResource, namespace),
    ({ metadata }) => /^(.*)-app$/.exec(metadata.name)?.[1],
    name => void finish(name).catch((fault: unknown) => faults.push(fault)),
  );
  await sideBySide(names, async name => {
    const claim = await createClaim(api, name);
    claims.set(name, claim);
    const body = cluster(claim, builtInClass);
    await demand(
      api({ method: "POST", path: collectionPath(clusterResource, namespace), body }),
      name,
    );
  });
  await credentials.all(names.length, "waiting for the credentials of the ceiling's claims");
  while (done < names.length && faults.length === 0)
    await new Promise(resolve => setTimeout(resolve, 1));
  credentials.stop();
  if (faults.length > 0) throw faults[0];
  return performance.now() - begun;
}

const connection = {
  credentials: { username: "YmVuY2g=", password: "YmVuY2g=" },
  endpoint: `bench-rw.${namespace}.svc.cluster.local`,
};

function ref(claim: string): Ref {
  return { name: connectionSecretName(claim), namespace };
}

async function demand(answer: Promise<ApiResponse>, name: string): Promise<KubeObject> {
  const { code, body } = await answer;
  if (code >= 300) throw faultOf(`the benchmark's claim ${name}`, code, body);
  return body as KubeObject;
}
