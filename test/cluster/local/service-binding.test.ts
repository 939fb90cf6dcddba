/**
 * examples/service-binding.yaml, with the part of the runtime played: what it puts into the containers is laid out in a folder, as a
 * kubelet would, and a client connects by nothing else.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Claim } from "../../../capabilities/claim/claim";
import { claimResource, databaseClaimResource } from "../../../capabilities/claim/names";
import { databaseClaim, readyDatabase } from "../databases";
import type { KubeObject, Ref, Resource } from "../../../capabilities/kubernetes/objects";
import { removeFolder, temporaryFolder } from "../../../local/processes";
import {
  bindingFaults,
  bound,
  exampleObjects,
  type ServiceBinding,
  type Workload,
} from "../../service-binding";
import { addressIn } from "../address";
import { claim, databaseOf, readyClaim, untilReady, untilValues } from "../claims";
import { installServiceBindings, serviceBindingResource } from "../service-bindings";
import { stories, type Scene } from "../story";
import { whoAmI } from "../who-am-i";

const story = stories();

const deploymentResource: Resource = {
  group: "apps",
  version: "v1",
  kind: "Deployment",
  plural: "deployments",
};

function within<T extends KubeObject>(object: T, namespace: string): T {
  return { ...object, metadata: { ...object.metadata, namespace } };
}

type Values = Readonly<Record<string, string>>;

/** The Secret that a claim is bound to by its status, which is all that the runtime knows of it. */
async function boundSecret(
  { cluster, namespace }: Scene,
  resource: Resource,
  name: string,
): Promise<{ readonly name: string; readonly values: Values }> {
  const service = await cluster.read<Claim>(resource, { name, namespace });
  const secret = service?.status?.binding?.name ?? "";
  return { name: secret, values: await untilValues(cluster, { name: secret, namespace }) };
}

/** The workload as the API server has it after the runtime has been there. */
async function bind(scene: Scene, wanted: Ref, secret: string): Promise<Workload> {
  const { cluster } = scene;
  const binding = await cluster.read<ServiceBinding>(serviceBindingResource, wanted);
  if (!binding) throw new Error("the binding is not there");
  const { name } = binding.spec.workload;
  const ref = { name, namespace: wanted.namespace };
  const workload = await cluster.read<Workload>(deploymentResource, ref);
  if (!workload) throw new Error("the workload is not there");
  const { spec } = bound(workload, binding, secret);
  await cluster.patch(deploymentResource, ref, { spec }, "service-binding");
  return (await cluster.read<Workload>(deploymentResource, ref)) ?? workload;
}

/** What its first container finds: the folder is `root` on this machine. */
function laidOut(workload: Workload, values: Values, root: string): Values {
  const [container] = workload.spec.template.spec.containers;
  for (const { mountPath } of container?.volumeMounts ?? []) {
    const folder = join(root, mountPath);
    mkdirSync(folder, { recursive: true });
    for (const [key, value] of Object.entries(values)) writeFileSync(join(folder, key), value);
  }
  const env = (container?.env ?? []).map(({ name, value, valueFrom }) => {
    const { secretKeyRef } = (valueFrom ?? {}) as { secretKeyRef?: { key: string } };
    return [name, secretKeyRef ? (values[secretKeyRef.key] ?? "") : (value ?? "")];
  });
  return Object.fromEntries(env) as Values;
}

/** As a program reads them: https://servicebinding.io/application-developer/ */
function filesIn(folder: string): Values {
  const entries = readdirSync(folder).map(key => [key, readFileSync(join(folder, key), "utf8")]);
  return Object.fromEntries(entries) as Values;
}

story(
  "a workload that is bound to a claim logs in by its files, and by its variables",
  async scene => {
    const { cluster, namespace } = scene;
    await installServiceBindings(cluster);
    const example = exampleObjects();
    await cluster.create(claimResource, within(example.claim, namespace));
    await cluster.create(serviceBindingResource, within(example.binding, namespace));
    await cluster.create(deploymentResource, within(example.workload, namespace));
    const { name } = example.claim.metadata;
    await untilReady(cluster, { name, namespace });
    const secret = await boundSecret(scene, claimResource, name);
    expect(secret.name).toBe("ledger-postgres");
    const wanted = { name: example.binding.metadata.name, namespace };
    const workload = await bind(scene, wanted, secret.name);

    const root = temporaryFolder("bindings");
    try {
      const env = laidOut(workload, secret.values, root);
      expect(env["SERVICE_BINDING_ROOT"]).toBe("/bindings");
      const files = filesIn(join(root, env["SERVICE_BINDING_ROOT"] ?? "", "database"));
      expect(bindingFaults(files)).toEqual([]);
      const address = addressIn(await databaseOf(cluster, { name, namespace }));
      const { username: user, password, database } = files;
      const who = { user: "ledger_db", database: "ledger_db" };
      expect(await whoAmI({ ...address, user, password, database })).toEqual(who);
      const { PGUSER, PGPASSWORD, PGDATABASE, PGHOST } = env;
      const login = { user: PGUSER, password: PGPASSWORD, database: PGDATABASE };
      expect(await whoAmI({ ...address, ...login })).toEqual(who);
      expect(PGHOST).toBe(`ledger-db-rw.${namespace}.svc.cluster.local`);
    } finally {
      removeFolder(root);
    }
  },
);

story("a database in a shared instance is one to bind to as well", async scene => {
  const { cluster, namespace } = scene;
  await readyClaim(cluster, claim({ name: "home", namespace }, { share: {} }));
  const ref = { name: "invoices", namespace };
  await readyDatabase(cluster, databaseClaim(ref, { instanceRef: { name: "home" } }));
  const { name, values } = await boundSecret(scene, databaseClaimResource, ref.name);
  expect(name).toBe("invoices-connection");
  expect(bindingFaults(values)).toEqual([]);
});
