/** What CNPG does to the fake server's Clusters, step by step: it makes the secret -app, and says how the Cluster is. */
import { ownerReference } from "../capabilities/kubernetes/owners";
import { clusterResource } from "../capabilities/operator/cnpg/cluster";
import { databaseResource } from "../capabilities/operator/cnpg/extensions";
import { poolerResource } from "../capabilities/operator/cnpg/pooler";
import { roleResource } from "../capabilities/operator/cnpg/shared-databases";
import { jobResource } from "../capabilities/operator/diagnosis/evidence";
import {
  type KubeObject,
  type Ref,
  type Secret,
  refOf,
  secretResource,
} from "../capabilities/kubernetes/objects";
import { isRecord } from "../capabilities/claim/schema";
import type { FakeServer } from "./fake-server";

type Described = KubeObject & {
  readonly spec: {
    readonly instances: number;
    readonly imageName: string;
    readonly bootstrap: {
      readonly initdb: {
        readonly database: string;
        readonly owner: string;
        readonly secret?: { readonly name: string };
      };
    };
  };
  readonly status?: unknown;
};

export type Stage = "setting up" | "healthy" | "half lost" | "hibernated" | "invalid" | "failed";

export type FakeOperator = {
  /** Makes the secret -app, or gives it another password; nothing where the Cluster was given a secret. */
  readonly giveCredentials: (cluster: Ref, password: string) => void;
  /** Makes the secret -ca, or renews it. */
  readonly giveAuthority: (cluster: Ref, certificate: string) => void;
  readonly reach: (cluster: Ref, stage: Stage) => void;
  /** Says of a Database that it is applied, or that one of its extensions is refused. */
  readonly apply: (database: Ref, refused?: string) => void;
  /** Says of a Pooler how it is. */
  readonly pool: (pooler: Ref, phase: "active" | "inactive" | "failed") => void;
  /**
   * Brings every Cluster to health, with credentials if it has none, applies every Database and role, makes every Pooler active, and
   * completes every Job.
   */
  readonly finish: () => void;
};

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function statusOf({ spec }: Described, stage: Stage): unknown {
  const ready = (status: string): object => ({ type: "Ready", status });
  const well = {
    phase: "Cluster in healthy state",
    readyInstances: spec.instances,
    image: spec.imageName,
    currentPrimary: "orders-db-1",
    pgDataImageInfo: { majorVersion: Number(/:(\d+)/.exec(spec.imageName)?.[1]) },
    conditions: [ready("True")],
  };
  switch (stage) {
    case "setting up":
      return { phase: "Setting up primary", conditions: [ready("False")] };
    case "healthy":
      return well;
    case "half lost":
      return { ...well, readyInstances: 0 };
    case "hibernated":
      return {
        ...well,
        readyInstances: 0,
        conditions: [ready("True"), { type: "cnpg.io/hibernation", status: "True" }],
      };
    case "invalid":
      return { phase: "Invalid cluster definition", phaseReason: "spec.imageName: bad" };
    case "failed":
      return { phase: "Cluster is unrecoverable and needs manual intervention" };
  }
}

export function createFakeOperator(server: FakeServer): FakeOperator {
  function clusterOf(ref: Ref): Described {
    const found = server.find(clusterResource, ref);
    if (!found) throw new Error(`Cluster ${ref.name} is not there`);
    return found as Described;
  }

  function secretOf(cluster: Described, password: string): Secret {
    const { database, owner } = cluster.spec.bootstrap.initdb;
    const { name, namespace } = refOf(cluster);
    return {
      apiVersion: "v1",
      kind: "Secret",
      metadata: {
        name: `${name}-app`,
        namespace,
        labels: {
          "cnpg.io/cluster": name,
          "cnpg.io/reload": "true",
          "cnpg.io/userType": "app",
        },
        ownerReferences: [ownerReference(cluster)],
      },
      type: "kubernetes.io/basic-auth",
      data: {
        dbname: base64(database),
        username: base64(owner),
        password: base64(password),
        uri: base64(`postgresql://${owner}:the-first-one@${name}-rw:5432/${database}`),
      },
    };
  }

  function giveCredentials(ref: Ref, password: string): void {
    // Given a secret, CNPG makes none.
    if (clusterOf(ref).spec.bootstrap.initdb.secret) return;
    const made = secretOf(clusterOf(ref), password);
    const found = server.find(secretResource, refOf(made)) as Secret | undefined;
    if (!found) {
      server.create(made);
      return;
    }
    // The URIs stay as they were made: recordings, 02-password.
    server.edit(found, live => ({ ...live, data: { ...live.data, password: base64(password) } }));
  }

  function giveAuthority(ref: Ref, certificate: string): void {
    const { name, namespace } = ref;
    const data = { "ca.crt": base64(certificate), "ca.key": base64("the key of the authority") };
    const at = { name: `${name}-ca`, namespace };
    const found = server.find(secretResource, at) as Secret | undefined;
    if (found) {
      server.edit(found, live => ({ ...live, data }));
      return;
    }
    const marks = { "app.kubernetes.io/managed-by": "cloudnative-pg" };
    const ownerReferences = [ownerReference(clusterOf(ref))];
    const metadata = { ...at, labels: marks, ownerReferences };
    server.create({ apiVersion: "v1", kind: "Secret", metadata, ...{ type: "Opaque", data } });
  }

  /** With a secret that is not there, or for another user, CNPG waits for ever and says nothing. */
  function mayStart({ metadata, spec, status }: Described): boolean {
    const { owner, secret } = spec.bootstrap.initdb;
    if (!secret || isRecord(status)) return true;
    const ref = { name: secret.name, namespace: metadata.namespace ?? "" };
    const given = server.find(secretResource, ref) as Secret | undefined;
    return given?.data?.username === base64(owner) && given.data.password !== "";
  }

  function reach(ref: Ref, stage: Stage): void {
    server.edit(clusterOf(ref), live => ({ ...live, status: statusOf(live, stage) }));
  }

  /** https://github.com/cloudnative-pg/cloudnative-pg/blob/v1.30.0/internal/management/controller/database_controller.go */
  function apply(ref: Ref, refused?: string): void {
    const found = server.find(databaseResource, ref);
    if (!found) throw new Error(`Database ${ref.name} is not there`);
    const failed = {
      applied: false,
      message: "database object reconciliation failed",
      extensions: [{ name: "pg_trgm", applied: false, message: refused }],
    };
    server.edit(found, live => {
      const applied = { applied: true, observedGeneration: live.metadata.generation };
      return { ...live, ...{ status: refused === undefined ? applied : failed } };
    });
  }

  function pool(ref: Ref, phase: string): void {
    const found = server.find(poolerResource, ref);
    if (!found) throw new Error(`Pooler ${ref.name} is not there`);
    server.edit(found, live => ({ ...live, ...{ status: { phase, phaseReason: "so it is" } } }));
  }

  function finish(): void {
    for (const found of server.all(clusterResource)) {
      // Foreign Clusters of the tests have no spec that could be run.
      if (!isRecord(Reflect.get(found, "spec"))) continue;
      const { name, namespace } = refOf(found);
      const credentials = server.find(secretResource, { name: `${name}-app`, namespace });
      if (!credentials) giveCredentials(refOf(found), `password of ${name}`);
      if (mayStart(clusterOf(refOf(found)))) reach(refOf(found), "healthy");
    }
    finishDatabases();
    finishJobs();
  }

  function finishDatabases(): void {
    for (const found of server.all(databaseResource)) {
      const isForeign = !isRecord(Reflect.get(found, "spec"));
      if (!isForeign && server.find(clusterResource, refOf(found))) apply(refOf(found));
    }
    for (const found of server.all(poolerResource)) {
      if (isRecord(Reflect.get(found, "spec"))) pool(refOf(found), "active");
    }
    for (const found of server.all(roleResource)) {
      const status = { applied: true, observedGeneration: found.metadata.generation };
      server.edit(found, live => ({ ...live, ...{ status } }));
    }
  }

  function finishJobs(): void {
    for (const found of server.all(jobResource)) {
      const conditions = [{ type: "Complete", status: "True" }];
      server.edit(found, live => ({ ...live, ...{ status: { conditions } } }));
    }
  }

  return { giveCredentials, giveAuthority, reach, apply, pool, finish };
}

/** What CNPG's webhook makes of amounts: Go writes them in their shortest form. */
export function withShortAmounts(object: KubeObject): KubeObject {
  const text = JSON.stringify(object).replaceAll(/"(\d+)000m"/g, '"$1"');
  return JSON.parse(text.replaceAll('"1024Mi"', '"1Gi"')) as KubeObject;
}
