/**
 * Finds the API server and a way to log in to it, as kubectl does, from a kubeconfig or as the pod that runs this:
 * https://kubernetes.io/docs/concepts/configuration/organize-cluster-access-kubeconfig/. Known are certificates, tokens and
 * plugins (`exec`), in files or in place. Own code, since @kubernetes/client-node is ten times the size of the program.
 */
import { access as checkAccess, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { delimiter, dirname, join, resolve } from "node:path";
import { parse } from "yaml";
import { given } from "../../capabilities/kubernetes/given";
import { isRecord } from "../../capabilities/kubernetes/record";
import { ConfigurationError } from "../errors";
import { messageOf } from "../fault";
import { pluginCredential } from "./plugin";

export type Access = {
  readonly server: string;
  /** Of the context, for claims that are named without one. */
  readonly namespace: string;
  readonly token?: string;
  /** Options of node:tls. */
  readonly tls: {
    readonly ca?: string;
    readonly cert?: string;
    readonly key?: string;
    readonly servername?: string;
    readonly rejectUnauthorized: boolean;
  };
  /** In ms: for how long an answer is waited for, where that is less than usual. */
  readonly patience?: number;
  /** Ends every request. */
  readonly signal?: AbortSignal;
};

export type Wanted = {
  readonly file: string | undefined;
  readonly context: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where a pod has the credentials of its account. Default: where Kubernetes puts them. */
  readonly account?: string;
};

/** https://kubernetes.io/docs/tasks/run-application/access-api-from-pod/ */
const accountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

type Fields = Readonly<Record<string, unknown>>;
/** An entry of a list, beside the folder that its relative paths start from. */
type Entry = { readonly fields: Fields; readonly folder: string };

/** How to reach the cluster that is wanted. Throws what is missing, and where it was looked for. */
export async function accessTo(wanted: Wanted): Promise<Access> {
  const { file, context, env } = wanted;
  if (await isForPod(wanted)) return podAccess(wanted);
  const files = filesOf(file, env);
  const configs = await Promise.all(files.map(readConfig));
  const current = context ?? firstText(configs.map(({ fields }) => fields["current-context"]));
  if (current === undefined) throw missing(`${files.join(", ")} names no current context`);
  const chosen = entryOf(configs, "contexts", "context", current).fields;
  const cluster = entryOf(configs, "clusters", "cluster", text(chosen.cluster));
  const user = entryOf(configs, "users", "user", text(chosen.user));
  const server = text(cluster.fields.server);
  if (server === undefined) throw missing(`cluster ${String(chosen.cluster)} names no server`);
  return {
    server: server.replace(/\/$/, ""),
    namespace: text(chosen.namespace) ?? "default",
    ...(await identity(user, env, cluster)),
  };
}

/** A pod's own account is used where no kubeconfig is named, and none is there. */
async function isForPod({ file, context, env }: Wanted): Promise<boolean> {
  const isAsked = file !== undefined || context !== undefined || (env.KUBECONFIG ?? "") !== "";
  if (isAsked || env.KUBERNETES_SERVICE_HOST === undefined) return false;
  return checkAccess(homeConfig(env)).then(
    () => false,
    () => true,
  );
}

async function podAccess({ env, account = accountFolder }: Wanted): Promise<Access> {
  const { KUBERNETES_SERVICE_HOST: host = "", KUBERNETES_SERVICE_PORT: port = "443" } = env;
  const fileOf = async (name: string): Promise<string> =>
    readFile(join(account, name), "utf8").catch((fault: unknown) => {
      throw missing(`cannot read the pod's account: ${messageOf(fault)}`);
    });
  const [token, ca, namespace] = await Promise.all(["token", "ca.crt", "namespace"].map(fileOf));
  return {
    server: `https://${host.includes(":") ? `[${host}]` : host}:${port}`,
    namespace: namespace?.trim() ?? "default",
    ...given({ token: token?.trim() }),
    tls: { ...given({ ca }), rejectUnauthorized: true },
  };
}

async function identity(
  user: Entry,
  env: Wanted["env"],
  cluster: Entry,
): Promise<Pick<Access, "token" | "tls">> {
  const plugin = isRecord(user.fields.exec) ? await pluginCredential(user.fields.exec, env) : {};
  const token = plugin.token ?? text(user.fields.token) ?? (await content(user, "tokenFile"));
  return {
    ...given({ token: token?.trim() }),
    tls: {
      ...given({
        ca: await content(cluster, "certificate-authority"),
        cert: plugin.cert ?? (await content(user, "client-certificate")),
        key: plugin.key ?? (await content(user, "client-key")),
        servername: text(cluster.fields["tls-server-name"]),
      }),
      rejectUnauthorized: cluster.fields["insecure-skip-tls-verify"] !== true,
    },
  };
}

function filesOf(file: string | undefined, env: Wanted["env"]): readonly string[] {
  if (file !== undefined) return [file];
  const listed = (env.KUBECONFIG ?? "").split(delimiter).filter(path => path !== "");
  return listed.length > 0 ? listed : [homeConfig(env)];
}

function homeConfig(env: Wanted["env"]): string {
  return join(env.HOME ?? homedir(), ".kube", "config");
}

async function readConfig(file: string): Promise<Entry> {
  try {
    const fields: unknown = parse(await readFile(file, "utf8"));
    return { fields: isRecord(fields) ? fields : {}, folder: dirname(file) };
  } catch (fault) {
    throw missing(`cannot read the kubeconfig ${file}: ${messageOf(fault).split("\n")[0] ?? ""}`);
  }
}

/** Of several files the first that has the entry counts. */
function entryOf(
  configs: readonly Entry[],
  list: string,
  field: string,
  name: string | undefined,
): Entry {
  for (const { fields, folder } of configs) {
    const entries: unknown = fields[list];
    const all = Array.isArray(entries) ? entries.filter(isRecord) : [];
    const found = all.find(entry => entry.name === name)?.[field];
    if (isRecord(found)) return { fields: found, folder };
  }
  throw missing(`the kubeconfig has no ${field} ${JSON.stringify(name ?? "")}`);
}

/** What a field says: in itself (`-data`, base64) or in the file that it names, relative to the kubeconfig. */
async function content({ fields, folder }: Entry, name: string): Promise<string | undefined> {
  const data = text(fields[`${name}-data`]);
  if (data !== undefined) return Buffer.from(data, "base64").toString();
  const path = text(fields[name]);
  if (path === undefined) return undefined;
  return readFile(resolve(folder, path), "utf8").catch((fault: unknown) => {
    throw missing(`cannot read ${name} of the kubeconfig: ${messageOf(fault)}`);
  });
}

function firstText(values: readonly unknown[]): string | undefined {
  return values.map(text).find(value => value !== undefined);
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}

function missing(message: string): ConfigurationError {
  return new ConfigurationError(message);
}
