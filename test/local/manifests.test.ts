import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { stringify } from "yaml";
import { readManifests } from "../../local/module/manifests";
import { removeFolder, temporaryFolder } from "../../local/processes";

const labels = { "pepr.dev/controller": "watcher" };
const serviceOf = (name: string): object => ({
  kind: "Service",
  metadata: { name, namespace: "system" },
  spec: { selector: { app: name }, ports: [{ port: 443 }] },
});
const webhooks = (port?: number): object => ({
  kind: "ValidatingWebhookConfiguration",
  metadata: { name: "tiny" },
  webhooks: [
    {
      clientConfig: {
        caBundle: "Q0E=",
        service: { name: "tiny", namespace: "system", path: "/v", ...(port && { port }) },
      },
    },
  ],
});
const deployment = { kind: "Deployment", metadata: { name: "tiny-watcher", labels } };

describe("the generated manifests", () => {
  const project = temporaryFolder("manifests-test");
  afterAll(() => {
    removeFolder(project);
  });
  beforeAll(() => {
    const generated = [deployment, serviceOf("tiny"), serviceOf("tiny-watcher"), webhooks()];
    writeFileSync(join(project, "package.json"), '{ "pepr": { "uuid": "tiny" } }');
    mkdirSync(join(project, "dist"));
    const text = generated.map(object => stringify(object)).join("---\n");
    writeFileSync(join(project, "dist", "pepr-module-tiny.yaml"), text);
  });

  it("differ only in where the webhooks lead", () => {
    const service = { type: "ExternalName", externalName: "127.0.0.1" };
    expect(readManifests(project, 4711).objects).toEqual([
      deployment,
      { ...serviceOf("tiny"), spec: service },
      serviceOf("tiny-watcher"),
      webhooks(4711),
    ]);
  });

  it("have a Deployment for each role that the module has", () => {
    const { deployments } = readManifests(project, 4711);
    expect(deployments).toEqual({ admission: undefined, watcher: deployment });
  });
});
