/** Plays the first start of a Cluster that cannot succeed, on the API server: what is left there, and when it is over. */
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import type { Api } from "../api";
import { collectionOf, pathOf } from "../paths";
import type { Cluster } from "./cluster";
import {
  impossible,
  initdbJob,
  podOf,
  podStatus,
  refusalEvent,
  secondOf,
  troubleOf,
  troubleOfStart,
  volumeClaim,
  volumeEvent,
  type Job,
  type Trouble,
  type VolumeClaim,
} from "./trouble";

/** What a first start has left. */
type Start = { readonly volume: VolumeClaim; readonly job: Job };

/**
 * Whether the Cluster's first start is held up. `isBegun` tells whether one was begun that was: it is not over because the
 * definition has changed, only when its Job and volume claim are in order.
 */
export async function isHeldUp(api: Api, cluster: Cluster, isBegun: boolean): Promise<boolean> {
  if (cluster.status?.currentPrimary !== undefined) return false;
  const isFree = troubleOf(cluster) === undefined && !isBegun;
  if (isFree && (await refusalOf(api, cluster)) === undefined) return false;
  const volume = await existing<VolumeClaim>(api, volumeClaim(cluster), prepareVolume);
  const job = await existing<Job>(api, initdbJob(cluster));
  // Those of a Cluster that had this name are on their way out.
  if (!isOf(volume, cluster) || !isOf(job, cluster)) return true;
  return isStuck(api, cluster, { volume, job });
}

async function isStuck(api: Api, cluster: Cluster, start: Start): Promise<boolean> {
  const refusal = await refusalOf(api, cluster);
  const trouble = troubleOfStart(start.job, start.volume);
  if (refusal !== undefined) await complainOfRefusal(api, refusal, start.job);
  else if (trouble !== undefined) await complain(api, trouble, start);
  else await finish(api, start);
  return refusal !== undefined || trouble !== undefined;
}

/** Why no pod of the Cluster may be made in its namespace. */
async function refusalOf(api: Api, cluster: Cluster): Promise<string | undefined> {
  const { metadata, ...job } = initdbJob(cluster);
  const pod = podOf({ ...job, metadata: { ...metadata, uid: cluster.metadata.uid } });
  return api.refusal(collectionOf(pod), pod);
}

async function complainOfRefusal(api: Api, refusal: string, job: Job): Promise<void> {
  const event = refusalEvent(job, refusal, secondOf(new Date()));
  await api.create(collectionOf(event), event);
}

/** The object of this name, made if there is none; what is made is prepared. */
async function existing<T extends KubeObject>(
  api: Api,
  wanted: KubeObject,
  prepare?: (api: Api, made: KubeObject) => Promise<KubeObject | undefined>,
): Promise<T | undefined> {
  const made = await api.create(collectionOf(wanted), wanted);
  if (!made) return (await api.read(pathOf(wanted))) as T | undefined;
  const typed = { ...made, apiVersion: wanted.apiVersion, kind: wanted.kind };
  return ((await prepare?.(api, typed)) ?? typed) as T;
}

/** Its volume is there, unless none can be made. Nothing here would ever take the finalizer off that the API server puts on. */
async function prepareVolume(api: Api, made: KubeObject): Promise<KubeObject | undefined> {
  const { uid } = made.metadata;
  const isMissing = (made as VolumeClaim).spec?.storageClassName === impossible.storageClass;
  const volumeName = isMissing ? {} : { spec: { volumeName: `pvc-${uid ?? ""}` } };
  return api.patch(pathOf(made), { metadata: { finalizers: null }, ...volumeName });
}

async function complain(api: Api, trouble: Trouble, { volume, job }: Start): Promise<void> {
  const pod = podOf(job);
  if (await api.create(collectionOf(pod), pod)) {
    await api.patch(`${pathOf(pod)}/status`, { status: podStatus(trouble, job) });
  }
  if (trouble !== "storageClass") return;
  const event = volumeEvent(volume, secondOf(new Date()));
  await api.create(collectionOf(event), event);
}

/** initdb is through: its Job goes, and the volume claim says so. */
async function finish(api: Api, { volume, job }: Start): Promise<void> {
  await api.remove(pathOf(job));
  const annotations = { "cnpg.io/pvcStatus": "ready" };
  await api.patch(pathOf(volume), { metadata: { annotations } });
}

function isOf<T extends KubeObject>(object: T | undefined, cluster: Cluster): object is T {
  const { uid } = cluster.metadata;
  return object?.metadata.ownerReferences?.some(owner => owner.uid === uid) ?? false;
}
