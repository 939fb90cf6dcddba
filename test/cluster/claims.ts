/** Claims and what becomes of them, as the stories make them, wait for them and read them. */
import { clusterResource, type Cluster } from "../../capabilities/operator/cnpg/cluster";
import type {
  Claim,
  ClaimCondition,
  ClaimSpec,
  ConnectionRef,
} from "../../capabilities/claim/claim";
import {
  type KubeObject,
  type Ref,
  type Secret,
  secretResource,
} from "../../capabilities/kubernetes/objects";
import { claimResource } from "../../capabilities/claim/names";
import { isAlike } from "../../capabilities/kubernetes/quantity";
import type { TestCluster } from "./cluster";

export { claimResource, classResource } from "../../capabilities/claim/names";
export { clusterResource } from "../../capabilities/operator/cnpg/cluster";
export { secretResource } from "../../capabilities/kubernetes/objects";

/** A CNPG Cluster as the API server has it. */
export type Database = Cluster & {
  readonly metadata: KubeObject["metadata"] & { readonly managedFields?: readonly ManagedFields[] };
};

/** https://kubernetes.io/docs/reference/using-api/server-side-apply/#field-management */
export type ManagedFields = {
  readonly manager: string;
  readonly operation: "Apply" | "Update";
  readonly subresource?: string;
  readonly fieldsV1: Readonly<Record<string, unknown>>;
};

/** For toEqual and its like: the same amount, however it is written. CNPG writes "2000m" back as "2". */
export function amount(wanted: string): unknown {
  const told = (): string => `an amount of ${wanted}`;
  return {
    $$typeof: Symbol.for("jest.asymmetricMatcher"),
    asymmetricMatch: (found: unknown) => isAlike(found, wanted),
    toString: told,
    toAsymmetricMatcher: told,
  };
}

export function claim(ref: Ref, spec: ClaimSpec = {}, secret?: ConnectionRef): Claim {
  return {
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresInstance",
    metadata: { ...ref },
    spec,
    ...(secret === undefined ? {} : { writeConnectionSecretToRef: secret }),
  };
}

/** Makes the claim, and waits until its database can be used. */
export async function readyClaim(cluster: TestCluster, wanted: Claim): Promise<Claim> {
  await cluster.create(claimResource, wanted);
  return untilReady(cluster, wanted.metadata as Ref);
}

/** The claim once it is Ready for what it asks for now. */
export async function untilReady(cluster: TestCluster, ref: Ref): Promise<Claim> {
  return cluster.eventually(`claim ${ref.name} to be Ready`, async () => {
    const found = await cluster.read<Claim>(claimResource, ref);
    const ready = found && readyOf(found);
    const isCurrent = ready?.observedGeneration === found?.metadata.generation;
    return ready?.status === "True" && isCurrent ? found : undefined;
  });
}

/** The claim once it is not Ready, for this reason. */
export async function untilSays(
  cluster: TestCluster,
  ref: Ref,
  reason: string,
): Promise<ClaimCondition> {
  return cluster.eventually(`claim ${ref.name} to say ${reason}`, async () => {
    const found = await cluster.read<Claim>(claimResource, ref);
    const ready = found && readyOf(found);
    return ready?.reason === reason ? ready : undefined;
  });
}

/** The claim once its database is there, whatever else it lacks. */
export async function untilClusterReady(cluster: TestCluster, ref: Ref): Promise<Claim> {
  return cluster.eventually(`the database of claim ${ref.name} to be ready`, async () => {
    const found = await cluster.read<Claim>(claimResource, ref);
    const condition = found?.status?.conditions?.find(({ type }) => type === "DatabaseReady");
    return condition?.status === "True" ? found : undefined;
  });
}

export function readyOf({ status }: Claim): ClaimCondition | undefined {
  return status?.conditions?.find(({ type }) => type === "Ready");
}

export async function databaseOf(cluster: TestCluster, ref: Ref): Promise<Database> {
  return cluster.eventually(`Cluster ${ref.name}`, async () =>
    cluster.read<Database>(clusterResource, ref),
  );
}

/** The Cluster once its spec is as wanted. */
export async function untilSpec(
  cluster: TestCluster,
  ref: Ref,
  isWanted: (spec: Database["spec"]) => boolean,
): Promise<Database> {
  return cluster.eventually(`Cluster ${ref.name} to be as wanted`, async () => {
    const found = await cluster.read<Database>(clusterResource, ref);
    return found && isWanted(found.spec) ? found : undefined;
  });
}

/** The values of a Secret in clear; undefined while there is none. */
export async function valuesOf(
  cluster: TestCluster,
  ref: Ref,
): Promise<Readonly<Record<string, string>> | undefined> {
  const secret = await cluster.read<Secret>(secretResource, ref);
  if (!secret) return undefined;
  const entries = Object.entries(secret.data ?? {});
  return Object.fromEntries(
    entries.map(([name, value]) => [name, Buffer.from(value, "base64").toString("utf8")]),
  );
}

/** The values of a Secret in clear, once it is there and they are as wanted. */
export async function untilValues(
  cluster: TestCluster,
  ref: Ref,
  areWanted: (values: Readonly<Record<string, string>>) => boolean = () => true,
): Promise<Readonly<Record<string, string>>> {
  return cluster.eventually(`Secret ${ref.namespace}/${ref.name} to be as wanted`, async () => {
    const values = await valuesOf(cluster, ref);
    return values && areWanted(values) ? values : undefined;
  });
}

export async function untilGone(
  cluster: TestCluster,
  resource: typeof secretResource | typeof claimResource,
  ref: Ref,
): Promise<void> {
  await cluster.eventually(`${resource.kind} ${ref.namespace}/${ref.name} to be gone`, async () =>
    (await cluster.read(resource, ref)) ? undefined : true,
  );
}

export type Told = {
  readonly type: string;
  readonly reason: string;
  readonly message: string;
  readonly firstTimestamp: string;
  readonly involvedObject: { readonly kind: string };
};

/** The Warning events on claims of the namespace. */
export async function warningsOf(
  cluster: TestCluster,
  { namespace }: Ref,
): Promise<readonly Told[]> {
  const path = `/api/v1/namespaces/${namespace}/events`;
  const { body } = await cluster.ask({ method: "GET", path });
  return (body as { items: Told[] }).items.filter(
    ({ type, involvedObject }) => type === "Warning" && involvedObject.kind === "PostgresInstance",
  );
}
