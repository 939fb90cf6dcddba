/** A cluster that is there already, with a real CNPG and the module deployed: nothing is started, and what is missing is told. */
import { removeFolder, temporaryFolder } from "../../local/processes";
import { claim } from "./claims";
import { connect, type Access, type TestCluster } from "./cluster";
import { firstVersion, imageOf, type Surroundings } from "./needs";
import { startProxy } from "./proxy";
import { surroundingsOf } from "./surroundings";

/** A volume has to be made, an image pulled, a server started: of several databases side by side, on a laptop. */
const patience = 600;

const notReady = "the cluster is not ready for the stories";

/** Its definition and the webhook are asked, and nothing is made. */
const someClaim = JSON.stringify(claim({ name: "is-anyone-there", namespace: "default" }));

export async function existingCluster(
  context: string,
): Promise<{ readonly access: Access; readonly stop: () => Promise<void> }> {
  const { E2E_KUBECONFIG: kubeconfig, E2E_RUN: run = "e2e" } = process.env;
  const kubectl: Access["kubectl"] = [
    "kubectl",
    ...(kubeconfig ? ["--kubeconfig", kubeconfig] : []),
    ...["--context", context],
  ];
  const folder = temporaryFolder("zero-touch-postgres-e2e");
  const { socket, child } = await startProxy(kubectl, folder);
  const access: Access = { kubectl, socket, patience, run };
  const stop = async (): Promise<void> => {
    await child.kill();
    removeFolder(folder);
  };
  const cluster = connect(access);
  try {
    await checkPrerequisites(cluster);
    return { access: { ...access, surroundings: await checkSurroundings(cluster) }, stop };
  } catch (fault) {
    await stop();
    throw fault;
  } finally {
    await cluster.close();
  }
}

async function checkSurroundings(cluster: TestCluster): Promise<Surroundings> {
  const surroundings = await surroundingsOf(cluster);
  const image = imageOf(firstVersion);
  if (surroundings.missingImages.includes(image)) {
    throw new Error(`${notReady}: let its nodes pull ${image}`);
  }
  return surroundings;
}

async function checkPrerequisites({ kubectl }: TestCluster): Promise<void> {
  const needs: readonly (readonly [args: readonly string[], input: string, remedy: string])[] = [
    [["get", "crd", "clusters.postgresql.cnpg.io"], "", "install CloudNativePG"],
    [["create", "--dry-run=server", "-f", "-"], someClaim, "deploy the module (npx pepr deploy)"],
  ];
  for (const [args, input, remedy] of needs) {
    await kubectl(args, input).catch((cause: unknown) => {
      throw new Error(`${notReady}: ${remedy}`, { cause });
    });
  }
}
