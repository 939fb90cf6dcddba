/** What was there to be seen when a story failed. Of Secrets only names and keys. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { TestCluster } from "./cluster";

/** Lines of the module's log that are told: the last that name the story's namespaces, and the last that are trouble. */
const lastOfStory = 30;
const lastOfTrouble = 10;
const longestLine = 300;

const secretKeys =
  '{{range .items}}{{.metadata.name}} {{.type}}:{{range $key, $_ := .data}} {{$key}}{{end}}{{"\\n"}}{{end}}';

export async function witness(
  cluster: TestCluster,
  namespaces: readonly string[],
): Promise<string> {
  // What tells most comes first: of long messages CI may show only the beginning.
  const first = namespaces.map(async namespace =>
    section(cluster, namespace, ["pgi", "-o", "wide"]),
  );
  const rest = namespaces.flatMap(namespace => [
    section(cluster, namespace, ["pgi", "-o", "yaml"]),
    section(cluster, namespace, ["clusters.postgresql.cnpg.io", "-o", "yaml"]),
    section(cluster, namespace, ["secrets", "-o", `go-template=${secretKeys}`]),
    section(cluster, namespace, ["events", "--sort-by=.metadata.creationTimestamp"]),
  ]);
  const logs = [logSection(cluster, namespaces), standInSection(cluster)];
  return (await Promise.all([...first, ...logs, ...rest])).join("\n\n");
}

async function section(
  { kubectl }: TestCluster,
  namespace: string,
  args: readonly string[],
): Promise<string> {
  const said = await kubectl(["get", "-n", namespace, ...args]).catch(String);
  return `--- kubectl get ${args[0] ?? ""} -n ${namespace}\n${said.trimEnd()}`;
}

async function logSection(cluster: TestCluster, namespaces: readonly string[]): Promise<string> {
  const lines = (await cluster.moduleLog().catch(String)).split("\n");
  const trouble = lines.filter(line => /"level":[456]0|"level":"(warn|error|fatal)"/.test(line));
  const story = lines.filter(line => namespaces.some(namespace => line.includes(namespace)));
  const told = [...trouble.slice(-lastOfTrouble), "...", ...story.slice(-lastOfStory)];
  return ["--- log of the module", ...told.map(line => line.slice(0, longestLine))].join("\n");
}

async function standInSection({ access }: TestCluster): Promise<string> {
  if (access.logs === undefined) return "";
  const log = await readFile(join(access.logs, "stand-in-cnpg.log"), "utf8").catch(String);
  return `--- log of the stand-in\n${log.split("\n").slice(-lastOfStory).join("\n")}`;
}
