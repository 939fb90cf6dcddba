/**
 * Score workloads of examples/score, from the provisioner to a login. score-k8s itself cannot be had from the Go proxy (its tags have no
 * `v`, and the proxy answers 403): what it makes of a reference is a `secretKeyRef`, as was seen of the real one (docs/score.md).
 */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { parse } from "yaml";
import { isRecord } from "../../../capabilities/kubernetes/record";
import { provision, type Provisioned } from "../../../cli/score/provision";
import { addressIn } from "../address";
import { databaseOf, untilReady, untilValues } from "../claims";
import type { TestCluster } from "../cluster";
import { stories } from "../story";
import { whoAmI } from "../who-am-i";

const story = stories();
const examples = resolve(__dirname, "../../../examples/score");

/** The resource `db` of a workload, as score-k8s would ask for it. */
function provisioned(file: string, namespace: string): Provisioned {
  const workload: unknown = parse(readFileSync(join(examples, file), "utf8"));
  const { metadata, resources } = workload as {
    readonly metadata: { readonly name: string };
    readonly resources: { readonly db: { type: string; id?: string; params?: object } };
  };
  const { type, id = `${metadata.name}.db`, params = {} } = resources.db;
  const answer = provision(
    {
      ...{ uid: `${type}.default#${id}`, id, namespace, claim: undefined, claims: {} },
      params: { ...params },
    },
    { className: undefined, classes: undefined },
  );
  if (!("manifests" in answer)) throw new Error(JSON.stringify(answer));
  return answer;
}

/** What a container gets for an output: the value of the key that the reference names. */
async function resolved(
  cluster: TestCluster,
  namespace: string,
  outputs: Readonly<Record<string, unknown>>,
): Promise<(output: string) => string> {
  const { credentials_secret: secret } = outputs;
  const values = await untilValues(cluster, { name: String(secret), namespace });
  return output => {
    const [, name, key = ""] =
      /^\u{1F510}\u{1F4AC}([^_]*)_(.*)\u{1F4AC}\u{1F510}$/u.exec(String(outputs[output])) ?? [];
    expect(name).toBe(secret);
    return values[key] ?? "";
  };
}

for (const file of ["basic.yaml", "sized.yaml", "production.yaml"]) {
  story(`the workload ${file} gets a database that its environment logs in to`, async scene => {
    const { cluster, namespace } = scene;
    const { manifests, resource_outputs: outputs } = provisioned(file, namespace);
    const [claim] = manifests;
    await cluster.kubectl(["create", "-f", "-"], JSON.stringify(claim));
    const { metadata } = (isRecord(claim) ? claim : {}) as { metadata: { name: string } };
    const ref = { name: metadata.name, namespace };
    await untilReady(cluster, ref);
    const value = await resolved(cluster, namespace, outputs);
    const { host, port } = addressIn(await databaseOf(cluster, ref));
    const row = { user: value("username"), database: value("name") };
    expect(row.database).toBe(outputs["database_name"]);
    const parts = { ...row, password: value("password") };
    expect(await whoAmI({ ...parts, host, port })).toEqual(row);
    const uri = value("connection_string");
    const connectionString = uri.replace(`${value("host")}:5432`, `${host}:${port}`);
    expect(await whoAmI({ connectionString })).toEqual(row);
  });
}
