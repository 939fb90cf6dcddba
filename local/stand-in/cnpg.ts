/**
 * A STAND-IN for CloudNativePG (CNPG), for a control plane without kubelets: `npx tsx local/stand-in/cnpg.ts --help`.
 * It is not CNPG and shares no code with it: it answers Clusters as CNPG 1.30.0 was recorded to, with one PostgreSQL
 * server per Cluster on 127.0.0.1. What it makes is marked with the annotation `zero-touch-postgres/stand-in`.
 */
import type { KubeObject, Secret } from "../../capabilities/kubernetes/objects";
import type { Api } from "./api";
import { credentialsName, group, keyOf, operatorVersion } from "./cnpg/cluster";
import type { Cluster } from "./cnpg/cluster";
import { definitions } from "./cnpg/crd";
import { databasePart, type DatabaseObject } from "./cnpg/databases";
import { declaredReconciler, type Declared } from "./cnpg/declared";
import { poolerReconciler } from "./cnpg/poolers";
import type { PoolerObject } from "./cnpg/poolers";
import { reconciler } from "./cnpg/reconcile";
import { rolePart, type RoleObject } from "./cnpg/roles";
import type { Options } from "./options";
import { databaseFor, failure, run, say, type Cast } from "./play";
import { queue } from "./queue";
import { feed } from "./watch";

const pathOf = (plural: string): string => `/apis/${group}/v1/${plural}`;

/** Everything that plays a part, wired together: whatever happens ends in a queue as the key of a Cluster or a Database. */
async function cast(options: Options, api: Api): Promise<Cast> {
  const failed = (key: string, error: unknown): void => {
    failure(key)(error);
  };
  const todo = queue(key => work(key), failed);
  const extending = queue(key => extend(key), failed);
  const granting = queue(key => grant(key), failed);
  const pooling = queue(key => pool(key), failed);
  const database = await databaseFor(options, uid => {
    const cluster = clusters.all().find(({ metadata }) => metadata.uid === uid);
    if (!cluster) return;
    say(`${keyOf(cluster)}: its server has ended unasked`);
    todo.add(keyOf(cluster));
  });
  const clusters = feed<Cluster>(api, pathOf("clusters"), cluster => {
    todo.add(keyOf(cluster));
    for (const key of within(databases.all(), cluster)) extending.add(key);
    for (const key of within(roles.all(), cluster)) granting.add(key);
  });
  const poolers = feed<PoolerObject>(api, pathOf("poolers"), found => {
    pooling.add(keyOf(found));
  });
  const databases = feed<DatabaseObject>(api, pathOf("databases"), found => {
    extending.add(keyOf(found));
  });
  const roles = feed<RoleObject>(api, pathOf("databaseroles"), found => {
    granting.add(keyOf(found));
  });
  const secrets = feed<Secret>(api, "/api/v1/secrets?labelSelector=cnpg.io/reload", secret => {
    for (const key of clustersOf(clusters.all(), secret)) todo.add(key);
    for (const role of rolesOf(roles.all(), secret)) void follow(role);
  });
  const { pause, hasPostgres: isWhole } = options;
  const work = reconciler({ database, pause, isWhole }, { api, clusters, secrets, say });
  const extend = declaredReconciler(database, databasePart(database), {
    ...{ api, clusters, say, declared: databases },
  });
  const granted = rolePart(database, api);
  const grant = declaredReconciler(database, granted, { api, clusters, say, declared: roles });
  const pool = poolerReconciler(database, { api, clusters, poolers, say });

  /** The role's password becomes that of its Secret. */
  async function follow(role: RoleObject): Promise<void> {
    const cluster = clusters.get(`${role.metadata.namespace ?? ""}/${role.spec.cluster.name}`);
    if (!cluster || role.status?.applied !== true || !database.server(cluster.metadata.uid)) return;
    await granted.provide(cluster.metadata.uid, role).catch(failure(keyOf(role)));
    say(`databaseroles ${keyOf(role)}: the password follows its Secret`);
  }

  const queues = [todo, extending, granting, pooling];
  const feeds = {
    ...{ Secrets: secrets, Clusters: clusters, Databases: databases },
    ...{ DatabaseRoles: roles, Poolers: poolers },
  };
  return { queues, database, feeds };
}

/** The objects that are declared within the Cluster. */
function within(objects: readonly Declared[], { metadata }: KubeObject): readonly string[] {
  return objects
    .filter(found => found.metadata.namespace === metadata.namespace)
    .filter(found => found.spec.cluster.name === metadata.name)
    .map(keyOf);
}

function rolesOf(roles: readonly RoleObject[], { metadata }: KubeObject): readonly RoleObject[] {
  return roles
    .filter(role => role.metadata.namespace === metadata.namespace)
    .filter(({ spec }) => spec.passwordSecret?.name === metadata.name);
}

function clustersOf(clusters: readonly Cluster[], { metadata }: KubeObject): readonly string[] {
  return clusters
    .filter(cluster => cluster.metadata.namespace === metadata.namespace)
    .filter(cluster => credentialsName(cluster) === metadata.name)
    .map(keyOf);
}

run({
  title: `CloudNativePG ${operatorVersion}`,
  script: "cnpg",
  definitions,
  cast,
});
