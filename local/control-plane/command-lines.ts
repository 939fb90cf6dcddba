// How each server of the control plane is started, and the files that they want.
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** The servers, in the order in which they start. */
export const serverNames = ["etcd", "kube-apiserver", "kube-controller-manager"] as const;

/** One of the servers. */
export type ServerName = (typeof serverNames)[number];

/** What the command lines depend on. */
export interface Layout {
  readonly folder: string;
  /** Of the API server. */
  readonly port: number;
  readonly token: string;
  readonly auditLog: string | undefined;
}

/** Lays out the folder of a control plane: its key, its tokens and, if there is one, its audit policy. */
export function layOut(folder: string, port: number, auditPolicy?: string): Layout {
  const key = generateKeyPairSync("ec", {
    namedCurve: "P-256",
    privateKeyEncoding: { type: "sec1", format: "pem" },
    publicKeyEncoding: { type: "spki", format: "pem" },
  });
  const token = randomBytes(16).toString("hex");
  const save = (name: string, text: string): void => {
    writeFileSync(join(folder, name), text, { mode: 0o600 });
  };
  save("service-accounts.key", key.privateKey);
  save("service-accounts.pub", key.publicKey);
  save("tokens.csv", `${token},admin,admin,system:masters\n`);
  if (auditPolicy !== undefined) save("audit-policy.yaml", auditPolicy);
  const auditLog = auditPolicy === undefined ? undefined : join(folder, "audit.log");
  return { folder, port, token, auditLog };
}

/** An admin's kubeconfig; JSON is YAML too. */
export function kubeconfig(layout: Layout, certificateAuthority: string): string {
  const cluster = {
    server: `https://127.0.0.1:${layout.port}`,
    "certificate-authority-data": Buffer.from(certificateAuthority).toString("base64"),
  };
  return JSON.stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name: "local", cluster }],
    users: [{ name: "admin", user: { token: layout.token } }],
    contexts: [{ name: "local", context: { cluster: "local", user: "admin" } }],
    "current-context": "local",
  });
}

/** The arguments of a server. */
export function commandLine(server: ServerName, layout: Layout): string[] {
  const flags = { etcd, "kube-apiserver": apiServer, "kube-controller-manager": controllerManager };
  return Object.entries(flags[server](layout)).map(([flag, value]) => `--${flag}=${value}`);
}

type Flags = Readonly<Record<string, string | number | boolean>>;

/** Where etcd listens: in a folder that others on this machine cannot enter, and no port that another may take. */
export function etcdSocket(folder: string): string {
  return join(folder, "etcd.sock");
}

function etcd({ folder }: Layout): Flags {
  const url = `unix://${etcdSocket(folder)}`;
  // There are no peers: any free port will do for them, and nobody calls the address that is named.
  const peer = "http://127.0.0.1:1";
  return {
    "data-dir": join(folder, "etcd"),
    "listen-client-urls": url,
    "advertise-client-urls": url,
    "listen-peer-urls": "http://127.0.0.1:0",
    "initial-advertise-peer-urls": peer,
    "initial-cluster": `default=${peer}`,
    "unsafe-no-fsync": true,
    "log-level": "warn",
  };
}

function apiServer({ folder, port, auditLog }: Layout): Flags {
  return {
    "etcd-servers": `unix://${etcdSocket(folder)}`,
    "bind-address": "127.0.0.1",
    "advertise-address": "127.0.0.1",
    "secure-port": port,
    "cert-dir": join(folder, "certificates"),
    "service-cluster-ip-range": "10.0.0.0/16",
    // An Endpoints object may not name a loopback address.
    "endpoint-reconciler-type": "none",
    "service-account-issuer": "https://kubernetes.default.svc",
    "service-account-signing-key-file": join(folder, "service-accounts.key"),
    "service-account-key-file": join(folder, "service-accounts.pub"),
    "token-auth-file": join(folder, "tokens.csv"),
    "authorization-mode": "RBAC",
    // As on OpenShift: what the module may not do there should fail here.
    "enable-admission-plugins": "OwnerReferencesPermissionEnforcement",
    ...(auditLog === undefined
      ? {}
      : { "audit-policy-file": join(folder, "audit-policy.yaml"), "audit-log-path": auditLog }),
  };
}

/** Only the controllers that need no nodes, and those of Jobs: of their pods a stand-in runs those of backups. */
function controllerManager({ folder }: Layout): Flags {
  return {
    kubeconfig: join(folder, "kubeconfig"),
    controllers: [
      "clusterrole-aggregation-controller",
      "cronjob-controller",
      "garbage-collector-controller",
      "job-controller",
      "namespace-controller",
      "serviceaccount-controller",
      "serviceaccount-token-controller",
      "ttl-after-finished-controller",
    ].join(","),
    "leader-elect": false,
    "secure-port": 0,
    "service-account-private-key-file": join(folder, "service-accounts.key"),
  };
}
