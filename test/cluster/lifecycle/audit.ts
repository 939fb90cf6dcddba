/** What the module has done to the API server, by what the API server has noted. */
import { readFile, stat } from "node:fs/promises";
import type { KubeObject, Resource } from "../../../capabilities/kubernetes/objects";
import { claimResource, clusterResource, secretResource } from "../claims";
import { auditEvents } from "../cluster";
import type { LocalCluster } from "../local";

export type Deed = { readonly verb: string; readonly path: string };

const writes = ["create", "update", "patch", "delete", "deletecollection"];

/** Where the note of what is done from now on begins. */
export async function auditMark({ access }: LocalCluster): Promise<number> {
  return (await stat(access.auditLog ?? "")).size;
}

/** All that the module has written since the mark. */
export async function writesSince(
  { access }: LocalCluster,
  mark: number,
): Promise<readonly Deed[]> {
  const log = await readFile(access.auditLog ?? "");
  return auditEvents(log.subarray(mark).toString("utf8"))
    .filter(({ verb }) => writes.includes(verb))
    .map(({ verb, requestURI }) => ({ verb, path: requestURI.replace(/\?.*/, "") }));
}

/** Everything in the namespace that is the module's to write, as the API server has it. */
export async function everythingIn(
  cluster: LocalCluster,
  namespace: string,
): Promise<readonly KubeObject[]> {
  const resources: readonly Resource[] = [claimResource, clusterResource, secretResource];
  const lists = await Promise.all(
    resources.map(async resource => cluster.list(resource, namespace)),
  );
  return lists.flat();
}
