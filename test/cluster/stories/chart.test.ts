/** The Helm chart that `pepr build` writes holds what it deploys, and an API server takes all of it. Needs helm on the PATH. */
import { spawnSync } from "node:child_process";
import { join, resolve } from "node:path";
import { parseAllDocuments } from "yaml";
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import { manifestsFile } from "../../../local/module/manifests";
import { run } from "../../../local/processes";
import { readFileSync } from "node:fs";
import { stories } from "../story";

const project = resolve(__dirname, "../../..");
const chart = join(project, "dist/zero-touch-postgres-chart");
const isHelmThere = spawnSync("helm", ["version"]).status === 0;

const story = stories().where(() => (isHelmThere ? undefined : "helm on the PATH"));

/** Without the namespace: the chart of Pepr 1.1.4 gives one to the ClusterRole, which has none. */
function identities(text: string): readonly string[] {
  const objects = parseAllDocuments(text).map(document => document.toJS() as KubeObject | null);
  const found = objects.flatMap(object => (object ? [object] : []));
  return found.map(({ kind, metadata }) => `${kind} ${metadata.name}`).sort();
}

story(
  "the chart is what the manifests are, by the images of its values, and the API server takes it",
  async ({ cluster }) => {
    const image = "registry.example.com/pepr/controller@sha256:0123";
    const values = ["admission", "watcher"].flatMap(pod => ["--set", `${pod}.image=${image}`]);
    const { code, stdout } = await run("helm", [
      "template",
      "zero-touch-postgres",
      chart,
      ...values,
    ]);
    expect(code).toBe(0);
    expect(identities(stdout)).toEqual(identities(readFileSync(manifestsFile(project), "utf8")));
    expect(stdout.match(/^ *image: .*$/gm)?.map(line => line.trim())).toEqual([
      ...[`image: ${image}`, `image: ${image}`],
    ]);
    // Under other names, since those objects are changed for the pods played here; dry, since webhooks without pods would refuse.
    const renamed = stdout.replaceAll("pepr-zero-touch-postgres", "pepr-chart-story");
    // Server-side: the Secret with the module is too large for the annotation of any other apply.
    const applying = ["apply", "--server-side", "--dry-run=server", "-f", "-"];
    const taken = await cluster.kubectl(applying, renamed);
    expect(taken.trim().split("\n")).toHaveLength(identities(stdout).length);
  },
);
