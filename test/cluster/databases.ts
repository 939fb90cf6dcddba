/** Claims for databases in shared instances, as the stories make them and wait for them. */
import type { ClaimCondition, ConnectionRef } from "../../capabilities/claim/claim";
import type { DatabaseClaim, DatabaseSpec } from "../../capabilities/claim/database";
import { databaseClaimResource } from "../../capabilities/claim/names";
import type { Ref } from "../../capabilities/kubernetes/objects";
import type { TestCluster } from "./cluster";

export { databaseClaimResource } from "../../capabilities/claim/names";

export function databaseClaim(ref: Ref, spec: DatabaseSpec, secret?: ConnectionRef): DatabaseClaim {
  return {
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresDatabase",
    metadata: { ...ref },
    spec,
    ...(secret === undefined ? {} : { writeConnectionSecretToRef: secret }),
  };
}

export async function readyDatabase(
  cluster: TestCluster,
  wanted: DatabaseClaim,
): Promise<DatabaseClaim> {
  await cluster.create(databaseClaimResource, wanted);
  return untilDatabaseReady(cluster, wanted.metadata as Ref);
}

/** The claim once it is Ready for what it asks for now. */
export async function untilDatabaseReady(cluster: TestCluster, ref: Ref): Promise<DatabaseClaim> {
  return cluster.eventually(`database claim ${ref.name} to be Ready`, async () => {
    const found = await cluster.read<DatabaseClaim>(databaseClaimResource, ref);
    const ready = found && told(found, "Ready");
    const isCurrent = ready?.observedGeneration === found?.metadata.generation;
    return ready?.status === "True" && isCurrent ? found : undefined;
  });
}

/** What the claim says of an aspect, once it says it for this reason. */
export async function untilDatabaseSays(
  cluster: TestCluster,
  ref: Ref,
  reason: string,
  type = "Ready",
): Promise<ClaimCondition> {
  return cluster.eventually(`database claim ${ref.name} to say ${reason}`, async () => {
    const found = await cluster.read<DatabaseClaim>(databaseClaimResource, ref);
    const condition = found && told(found, type);
    return condition?.reason === reason ? condition : undefined;
  });
}

export async function untilDatabaseGone(cluster: TestCluster, ref: Ref): Promise<void> {
  await cluster.eventually(`database claim ${ref.name} to be gone`, async () =>
    (await cluster.read(databaseClaimResource, ref)) ? undefined : true,
  );
}

export function told({ status }: DatabaseClaim, type: string): ClaimCondition | undefined {
  return status?.conditions?.find(condition => condition.type === type);
}

/** Events are sent beside all else: one may come after what it tells of. */
export async function untilEvent(
  cluster: TestCluster,
  { name, namespace }: Ref,
  reason: string,
): Promise<void> {
  const selector = `involvedObject.kind=PostgresDatabase,involvedObject.name=${name},reason=${reason}`;
  const path = `/api/v1/namespaces/${namespace}/events?fieldSelector=${encodeURIComponent(selector)}`;
  await cluster.eventually(`an event ${reason}`, async () => {
    const { body } = await cluster.ask({ method: "GET", path });
    return (body as { items: unknown[] }).items.length > 0 ? true : undefined;
  });
}
