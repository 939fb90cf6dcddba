/** Pods that run PostgreSQL's client programs for a claim, as its owner. */
import type { Class } from "../claim/class";
import { given } from "../kubernetes/given";
import type { Ref } from "../kubernetes/objects";
import { postgresPort } from "../operator/login";

/** Where the database is, and the Secret with its owner's credentials: keys `username` and `password`. */
export type Source = { readonly endpoint: string; readonly credentials: Ref };

/** What of such a pod is its own. */
export type ClientWork = {
  readonly chosen: Class;
  /** Of the container. */
  readonly name: string;
  readonly image: string;
  /** For the shell of any image with the programs, BusyBox's included; its arguments follow. */
  readonly script: string;
  readonly args: readonly string[];
  readonly env: readonly object[];
  readonly volumes: readonly object[];
  readonly volumeMounts: readonly object[];
};

/** The user `postgres` of CloudNativePG's images: a volume belongs to one whatever image comes later. */
const user = 26;

/** As the PodSecurity profile `restricted` asks, but for a share that is mounted by NFS: https://kubernetes.io/docs/concepts/security/pod-security-standards/ */
export function clientPodSpec(work: ClientWork): object {
  const { chosen, volumes } = work;
  return {
    restartPolicy: "Never",
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: user,
      runAsGroup: user,
      fsGroup: user,
      fsGroupChangePolicy: "OnRootMismatch",
      seccompProfile: { type: "RuntimeDefault" },
    },
    ...(chosen.imagePullSecrets.length > 0 && {
      imagePullSecrets: chosen.imagePullSecrets.map(name => ({ name })),
    }),
    containers: [containerOf(work)],
    volumes: [...volumes, { name: "tmp", emptyDir: { sizeLimit: "64Mi" } }],
  };
}

function containerOf(work: ClientWork): object {
  const { name, image, script, args, env, volumeMounts } = work;
  return {
    name,
    image,
    command: ["/bin/sh", "-c", script, name],
    args,
    env,
    resources: {
      requests: { cpu: "50m", memory: "64Mi" },
      limits: { cpu: "1", memory: "512Mi" },
    },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
    // Why it failed is in its last lines.
    terminationMessagePolicy: "FallbackToLogsOnError",
    volumeMounts: [...volumeMounts, { name: "tmp", mountPath: "/tmp" }],
  };
}

/** What libpq needs to reach the database, and what else the script is to know. */
export function clientEnvironment(
  { endpoint, credentials }: Source,
  database: string,
  chosen: Class,
  others: Readonly<Record<string, string>>,
): readonly object[] {
  const secret = (name: string, key: string): object => ({
    name,
    valueFrom: { secretKeyRef: { name: credentials.name, key } },
  });
  const values = given({
    PGHOST: endpoint,
    PGPORT: String(postgresPort),
    PGDATABASE: database,
    PGSSLMODE: sslmodeOf(chosen),
    ...others,
  });
  return [
    ...Object.entries(values).map(([name, value]) => ({ name, value })),
    secret("PGUSER", "username"),
    secret("PGPASSWORD", "password"),
  ];
}

/** Encrypted where clients must; the server's certificate is not checked, since the authority's Secret is not mounted. */
function sslmodeOf({ tls }: Class): string | undefined {
  const { sslmode } = tls ?? {};
  return sslmode === "verify-ca" || sslmode === "verify-full" ? "require" : sslmode;
}
