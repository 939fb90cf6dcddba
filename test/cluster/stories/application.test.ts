/** An application that takes its connection from the secret: the one of examples/, as it stands there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import type { Claim } from "../../../capabilities/claim/claim";
import { readyClaim, untilValues } from "../claims";
import { stories } from "../story";

type EnvVariable = {
  readonly name: string;
  readonly valueFrom?: { readonly secretKeyRef?: { readonly name: string; readonly key: string } };
};

type Deployment = {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly env: readonly EnvVariable[] }[] };
    };
  };
};

const story = stories();

function example(file: string): unknown {
  return parse(readFileSync(join(__dirname, "../../../examples", file), "utf8"));
}

function within<T extends { readonly metadata: object }>(object: T, namespace: string): T {
  return { ...object, metadata: { ...object.metadata, namespace } };
}

story("every variable of the application's pods has its key in the secret", async scene => {
  const { cluster, namespace } = scene;
  const { metadata } = await readyClaim(cluster, within(example("claim.yaml") as Claim, namespace));
  const application = example("application.yaml") as Deployment;
  const variables = application.spec.template.spec.containers.flatMap(({ env }) => env);
  const refs = variables.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef ?? []);
  expect(refs.map(({ key }) => key)).toEqual(
    expect.arrayContaining(["endpoint", "port", "username", "password", "database"]),
  );
  expect(new Set(refs.map(({ name }) => name)).size).toBe(1);
  const values = await untilValues(cluster, { name: refs[0]?.name ?? "", namespace });
  expect(refs.filter(({ key }) => !values[key])).toEqual([]);
  expect(metadata.name).toBe("orders-db");
});

story("the API server takes the application, and a pod of its template", async scene => {
  const { cluster, namespace } = scene;
  const application = within(example("application.yaml") as Deployment, namespace);
  const pod = {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { name: "application", namespace },
    spec: application.spec.template.spec,
  };
  // A pod needs the namespace's service account, which is made a moment after the namespace.
  await cluster.eventually("the service account of the namespace", async () => {
    const path = `/api/v1/namespaces/${namespace}/serviceaccounts/default`;
    return (await cluster.ask({ method: "GET", path })).code === 200 ? true : undefined;
  });
  const create = ["create", "--dry-run=server", "--validate=strict", "-o", "name", "-f", "-"];
  const taken = await Promise.all(
    [application, pod].map(async object => cluster.kubectl(create, JSON.stringify(object))),
  );
  expect(taken.map(name => name.trim())).toEqual(["deployment.apps/orders", "pod/application"]);
});
