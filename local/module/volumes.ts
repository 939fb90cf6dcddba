// Plays kubelet for the files of a pod: the Secrets that its Deployment mounts and its service account's token.
import { mkdirSync, renameSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { ControlPlane } from "../control-plane/servers";
import type { Deployment } from "./manifests";

/** What a pod's files are made from. */
export interface VolumeOptions {
  readonly deployment: Deployment;
  readonly controlPlane: ControlPlane;
  /** The project whose node_modules the pod has; the real image has only what Pepr depends on. */
  readonly project: string;
  /** The root of the pod's files. */
  readonly folder: string;
}

const serviceAccount = "/var/run/secrets/kubernetes.io/serviceaccount";

/** Writes all files of a pod; its token is replaced well before it expires until `renewal` is cleared. */
export async function mountVolumes(options: VolumeOptions): Promise<{ renewal: NodeJS.Timeout }> {
  const { deployment, controlPlane, folder, project } = options;
  mkdirSync(join(folder, "app"), { recursive: true });
  symlinkSync(join(project, "node_modules"), join(folder, "app", "node_modules"));
  write(join(folder, serviceAccount, "namespace"), deployment.metadata.namespace);
  write(join(folder, serviceAccount, "ca.crt"), controlPlane.certificateAuthority);
  await Promise.all([writeToken(options), ...secretVolumes(options)]);
  // The API server may be down for a test just then: the token is good for two more tries.
  const renew = (): Promise<void> => writeToken(options).catch(() => undefined);
  return { renewal: setInterval(() => void renew(), 20 * 60_000).unref() };
}

function secretVolumes(options: VolumeOptions): Promise<void>[] {
  const { containers, volumes } = options.deployment.spec.template.spec;
  return containers
    .flatMap(container => container.volumeMounts)
    .map(async ({ name, mountPath }) => {
      const volume = volumes.find(candidate => candidate.name === name);
      if (volume === undefined) throw new Error(`the Deployment has no volume ${name}`);
      const data = await secretData(options, volume.secret.secretName);
      for (const [key, value] of Object.entries(data)) {
        write(join(options.folder, mountPath, key), Buffer.from(value, "base64"));
      }
    });
}

async function secretData(options: VolumeOptions, name: string): Promise<Record<string, string>> {
  const { namespace } = options.deployment.metadata;
  const secret = await kubectl(options, ["get", "secret", name, "-n", namespace, "-o", "json"]);
  return (JSON.parse(secret) as { data?: Record<string, string> }).data ?? {};
}

async function writeToken(options: VolumeOptions): Promise<void> {
  const { metadata, spec } = options.deployment;
  const account = spec.template.spec.serviceAccountName;
  const args = ["create", "token", account, "-n", metadata.namespace, "--duration=1h"];
  write(join(options.folder, serviceAccount, "token"), (await kubectl(options, args)).trim());
}

async function kubectl(options: VolumeOptions, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await options.controlPlane.kubectl(args);
  if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr.trimEnd()}`);
  return stdout;
}

/** Renamed when complete: the module may be reading the file just then. */
function write(file: string, content: string | Buffer): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(`${file}.new`, content, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
