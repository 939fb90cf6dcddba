/** `check` on a real API server with the module. What the stand-ins play has no Deployments: of them nothing is said here. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Finding } from "../../../cli/check/finding";
import { teamRoles } from "../../../cli/roles/team-roles";
import { manifestsOf } from "../../../cli/manifest";
import { removeFolder, temporaryFolder } from "../../../local/processes";
import { typed } from "../../cli/terminal";
import { writeKubeconfig } from "../../kubeconfig";
import { ownKubeconfig, type TestCluster } from "../cluster";
import { stories } from "../story";

const story = stories();

async function findings(kubeconfig: string, ...words: readonly string[]): Promise<Finding[]> {
  const { out } = await typed(["check", "-o", "json", "--kubeconfig", kubeconfig, ...words]);
  return (JSON.parse(out) as { readonly findings: Finding[] }).findings;
}

/** What is said of each, in the order in which it is said. */
function said(all: readonly Finding[], subject: string): readonly string[] {
  return all.filter(one => one.subject === subject).map(one => `${one.state}: ${one.said}`);
}

type Config = {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; "certificate-authority-data": string } },
  ];
};

/** A kubeconfig of a ServiceAccount of the namespace. */
async function kubeconfigOf(
  cluster: TestCluster,
  namespace: string,
  account: string,
  file: string,
): Promise<void> {
  const config = JSON.parse(readFileSync(ownKubeconfig(cluster) ?? "", "utf8")) as Config;
  const { server, "certificate-authority-data": data } = config.clusters[0].cluster;
  const token = (await cluster.kubectl(["create", "token", account, "-n", namespace])).trim();
  const ca = Buffer.from(data, "base64").toString();
  await writeKubeconfig(file, { server, namespace, token, ca });
}

story("an admin is told of definitions, rights, webhook and certificate", async scene => {
  const { cluster, namespace } = scene;
  const all = await findings(ownKubeconfig(cluster) ?? "", "-n", namespace);
  expect(said(all, "Kubernetes")).toEqual([expect.stringMatching(/^ok: v1\./)]);
  for (const plural of ["postgresinstances", "postgresdatabases", "postgresclasses"]) {
    expect(said(all, `CRD ${plural}`)).toEqual(["ok: as in this build"]);
  }
  expect(said(all, "Rights")).toEqual(["ok: you may do all that npx pepr deploy does"]);
  expect(said(all, "Webhook")).toEqual(["ok: judges claims (one was made, and not stored)"]);
  expect(said(all, "Certificate")).toEqual([
    expect.stringMatching(/^ok: ends on \d{4}-\d\d-\d\d, in 36\d days$/),
  ]);
  const made = await cluster.kubectl(["get", "pgi", "-n", namespace, "-o", "name"]);
  expect(made).toBe("");
});

story(
  "who has edit in a namespace is told that the webhook answers, and what nobody knows",
  async scene => {
    const { cluster, namespace } = scene;
    await cluster.kubectl(["apply", "--server-side", "-f", "-"], manifestsOf(teamRoles()));
    await cluster.kubectl(["create", "serviceaccount", "jane", "-n", namespace]);
    const binding = ["create", "rolebinding", "jane", "-n", namespace, "--clusterrole=edit"];
    await cluster.kubectl([...binding, `--serviceaccount=${namespace}:jane`]);
    const folder = temporaryFolder("check");
    try {
      const file = join(folder, "config");
      await kubeconfigOf(cluster, namespace, "jane", file);
      const all = await cluster.eventually("the right to make claims to be there", async () => {
        const found = await findings(file);
        return said(found, "Webhook")[0]?.startsWith("ok") ? found : undefined;
      });
      const crd = "not known: you may not get customresourcedefinitions.apiextensions.k8s.io";
      expect(said(all, "CRD postgresinstances")).toEqual([crd]);
      expect(said(all, "StorageClass")).toEqual([
        "not known: you may not list storageclasses.storage.k8s.io",
      ]);
      expect(said(all, "Certificate")).toEqual([
        expect.stringMatching(/^not known: you may not get mutatingwebhookconfigurations/),
      ]);
      expect(said(all, "Rights")).toEqual([expect.stringMatching(/^warning: you may not create/)]);
    } finally {
      removeFolder(folder);
    }
  },
);
