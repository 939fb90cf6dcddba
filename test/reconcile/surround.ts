/** A claim whose database takes long, and what of the recordings lies around its Cluster. */
import type { VolumeClaim } from "../../capabilities/operator/diagnosis/evidence";
import type { Claim } from "../../capabilities/claim/claim";
import type { KubeObject } from "../../capabilities/kubernetes/objects";
import type { FakeServer } from "../fake-server";
import { bench, clusterRef, password, type Bench } from "./bench";

/** A claim whose Cluster is there, with credentials, and whose operator is setting it up; for so many seconds already. */
export async function starting(
  seconds: number,
  asked?: Claim,
  prepare: (server: FakeServer) => void = () => undefined,
): Promise<Bench> {
  const made = bench(asked);
  prepare(made.server);
  await made.run(0);
  made.operator.giveCredentials(clusterRef, password);
  made.operator.reach(clusterRef, "setting up");
  await made.run(3);
  if (seconds > 3) await made.run(seconds - 3);
  return made;
}

/** Puts objects of the recordings beside the Cluster; gives how to take them away again. */
export function surround(made: Bench, objects: readonly KubeObject[]): () => void {
  const uids = new Map<string | undefined, string | undefined>();
  const placed = [...objects]
    .sort((a, b) => rank(a) - rank(b))
    .map(object => {
      const { metadata } = object;
      const ownerReferences = (metadata.ownerReferences ?? []).map(owner => ({
        ...owner,
        uid: uids.get(owner.uid) ?? made.cluster()?.metadata.uid ?? "",
      }));
      const written = made.server.create({
        ...object,
        metadata: { ...metadata, ownerReferences },
        ...involving(object, uids),
      } as KubeObject);
      if ("refusal" in written) throw new Error(written.refusal.message);
      bind(made, written.object);
      uids.set(metadata.uid, written.object.metadata.uid);
      uids.set(object.kind, written.object.metadata.uid);
      return written.object;
    });
  return () => {
    placed.forEach(made.server.remove);
  };
}

/** A volume that was made for its claim has a name that says so. */
function bind({ server }: Bench, object: KubeObject): void {
  const { spec } = object as VolumeClaim;
  if (object.kind !== "PersistentVolumeClaim" || spec?.volumeName === undefined) return;
  const volumeName = `pvc-${object.metadata.uid ?? ""}`;
  server.edit(object, live => ({ ...live, ...{ spec: { ...spec, volumeName } } }));
}

/** Owners come first, events last. */
function rank({ kind }: KubeObject): number {
  return ["Job", "PersistentVolumeClaim", "Pod", "Event"].indexOf(kind);
}

function involving(
  object: KubeObject,
  uids: ReadonlyMap<string | undefined, string | undefined>,
): object {
  if (object.kind !== "Event") return {};
  const { kind } = Reflect.get(object, "involvedObject") as { kind: string };
  return { involvedObject: { kind, uid: uids.get(kind) } };
}

/** What was listed to find out what holds a database up. */
export function searches({ kube }: Bench): readonly string[] {
  return kube.reads
    .filter(read => /^list (pods|persistentvolumeclaims|jobs|events) /.test(read))
    .map(read => read.replace("list ", ""));
}
