/** The environment of a backup's container: its own, and where this machine has what its names would lead to in a cluster. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { refOf, type KubeObject, type Secret } from "../../../capabilities/kubernetes/objects";
import type { Api } from "../api";
import { marks } from "../marks";
import type { BackupPod, Volume } from "./pod";

/** What this machine has of a cluster. */
export type Ground = {
  readonly folder: string;
  /** The folder with PostgreSQL's client programs. */
  readonly programs: string | undefined;
};

export type Environment = Readonly<Record<string, string>>;

/** The kinds whose objects say where the stand-ins have their servers, and what follows their names in those of their Services. */
const databases = [
  { version: "postgresql.cnpg.io/v1", plural: "clusters", suffix: "-rw" },
  { version: "acid.zalan.do/v1", plural: "postgresqls", suffix: "" },
];

/** Throws where a Secret is not there yet: the kubelet waits for it too. */
export async function environmentOf(
  pod: BackupPod,
  api: Api,
  { folder, programs }: Ground,
): Promise<Environment> {
  const [{ env = [] }] = pod.spec.containers;
  const entries = env.map(async ({ name, value, valueFrom }): Promise<[string, string]> => {
    const ref = valueFrom?.secretKeyRef;
    return [name, ref ? await valueIn(api, pod, ref) : (value ?? "")];
  });
  const own = Object.fromEntries(await Promise.all(entries));
  return {
    ...own,
    ...(await addressOf(api, own["PGHOST"] ?? "")),
    PATH: [programs, process.env["PATH"]].filter(part => part !== undefined).join(":"),
    ...(await backupFolder(pod, folder)),
  };
}

async function valueIn(
  api: Api,
  pod: KubeObject,
  { name, key }: { readonly name: string; readonly key: string },
): Promise<string> {
  const { namespace } = refOf(pod);
  const secret = (await api.read(`/api/v1/namespaces/${namespace}/secrets/${name}`)) as
    | Secret
    | undefined;
  const value = secret?.data?.[key];
  if (value === undefined) throw new Error(`secret "${name}" has no key ${key} yet`);
  return Buffer.from(value, "base64").toString();
}

/** The Service's name resolves to nothing here. */
async function addressOf(api: Api, host: string): Promise<Environment> {
  const [service = "", namespace = ""] = host.split(".");
  const found = await Promise.all(
    databases.map(async ({ version, plural, suffix }) => {
      if (!service.endsWith(suffix)) return undefined;
      const name = service.slice(0, service.length - suffix.length);
      const path = `/apis/${version}/namespaces/${namespace}/${plural}/${name}`;
      return (await api.read(path))?.metadata.annotations?.[marks.address];
    }),
  );
  const address = found.find(one => one !== undefined);
  const [at = "", port = ""] = (address ?? "").split(":");
  return address === undefined ? {} : { PGHOST: at, PGPORT: port };
}

/** The folder that stands for the volume, and in it the pod's own; nothing where the pod has no such volume. */
async function backupFolder(pod: BackupPod, folder: string): Promise<Environment> {
  const [{ volumeMounts }] = pod.spec.containers;
  const mount = volumeMounts.find(({ name }) => name === "backups");
  const volume = pod.spec.volumes.find(({ name }) => name === "backups");
  if (!volume) return {};
  const place = join(folder, "volumes", volumeName(pod, volume), mount?.subPath ?? "");
  await mkdir(place, { recursive: true });
  return { BACKUP_FOLDER: place };
}

function volumeName(pod: KubeObject, { nfs, persistentVolumeClaim }: Volume): string {
  const words = nfs
    ? `${nfs.server}:${nfs.path}`
    : `${refOf(pod).namespace}:${persistentVolumeClaim?.claimName ?? ""}`;
  return words.replaceAll("/", "_");
}
