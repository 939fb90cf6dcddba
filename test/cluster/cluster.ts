/** The way to the cluster under test, the local one or any other: kubectl where a user would type it, else the API. */
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Pool } from "undici";
import { collectionPath, pathOf } from "../../capabilities/cluster/paths";
import type { KubeObject, Ref, Resource } from "../../capabilities/kubernetes/objects";
import { run } from "../../local/processes";
import type { Surroundings } from "./needs";

/** How to reach a cluster; handed from the process that started it to those that run the tests. */
export type Access = {
  /** The command and the arguments that come before all others. */
  readonly kubectl: readonly [command: string, ...args: string[]];
  /** Where a `kubectl proxy` listens: it knows all ways of logging in that kubeconfigs know. */
  readonly socket: string;
  /** The folder of all logs on this machine; without one kubectl has to be asked. */
  readonly logs?: string | undefined;
  /** What the module's ServiceAccount has done, where that is written down. */
  readonly auditLog?: string | undefined;
  /** Why the pods of backups cannot run here; undefined where they can. */
  readonly backupsLack?: string | undefined;
  /** Undefined where CNPG, its pods and volumes are played. */
  readonly surroundings?: Surroundings | undefined;
  /** Seconds after which waiting for anything is given up. */
  readonly patience: number;
  /** Marks what belongs to this run, so that it can be found and removed. */
  readonly run: string;
};

export type Request = {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly contentType?: string;
};

export type Answer = { readonly code: number; readonly body: unknown };

export type TestCluster = {
  readonly access: Access;
  /** What kubectl prints; rejects with what it says when it fails. */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<string>;
  readonly ask: (request: Request) => Promise<Answer>;
  readonly read: <T extends KubeObject>(resource: Resource, ref: Ref) => Promise<T | undefined>;
  readonly list: <T extends KubeObject>(resource: Resource, namespace: string) => Promise<T[]>;
  readonly create: <T extends KubeObject>(resource: Resource, object: T) => Promise<T>;
  /** A merge patch, as a user of this name would make with kubectl. */
  readonly patch: (resource: Resource, ref: Ref, change: object, by?: string) => Promise<void>;
  /** Asks for the deletion and does not wait for it. */
  readonly remove: (resource: Resource, ref: Ref) => Promise<void>;
  /** Looks again and again until there is something to be seen, and gives that. */
  readonly eventually: <T>(what: string, look: () => Promise<T | undefined>) => Promise<T>;
  /** All that the module has logged, as far as it is still there. */
  readonly moduleLog: () => Promise<string>;
  /** What the module was not allowed to do. */
  readonly forbidden: () => Promise<readonly string[]>;
  readonly close: () => Promise<void>;
};

/** As `pepr build` names it. */
export const moduleNamespace = "pepr-system";
export const moduleName = "pepr-zero-touch-postgres";

const mergePatch = "application/merge-patch+json";
const betweenLooks = 100;

export function connect(access: Access): TestCluster {
  const pool = new Pool("http://localhost", {
    socketPath: access.socket,
    connections: 8,
  });

  async function kubectl(args: readonly string[], input?: string): Promise<string> {
    const [command, ...first] = access.kubectl;
    const options = input === undefined ? {} : { input };
    const { code, stdout, stderr } = await run(command, [...first, ...args], options);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr.trimEnd()}`);
    return stdout;
  }

  async function ask({ method, path, body, contentType }: Request): Promise<Answer> {
    const response = await pool.request({
      method,
      path,
      headers: { accept: "application/json", "content-type": contentType ?? "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return { code: response.statusCode, body: parsed(await response.body.text()) };
  }

  async function demand(request: Request): Promise<unknown> {
    const { code, body } = await ask(request);
    if (code >= 300) throw new Error(`${request.method} ${request.path}: ${messageOf(body)}`);
    return body;
  }

  async function read<T extends KubeObject>(resource: Resource, ref: Ref): Promise<T | undefined> {
    const path = pathOf(resource, ref);
    const { code, body } = await ask({ method: "GET", path });
    if (code === 404) return undefined;
    if (code >= 300) throw new Error(`GET ${path}: ${messageOf(body)}`);
    return body as T;
  }

  async function eventually<T>(what: string, look: () => Promise<T | undefined>): Promise<T> {
    const deadline = Date.now() + access.patience * 1000;
    for (;;) {
      const seen = await look();
      if (seen !== undefined) return seen;
      if (Date.now() > deadline) throw new Error(`${what}: not within ${access.patience} s`);
      await pause(betweenLooks);
    }
  }

  return {
    access,
    kubectl,
    ask,
    read,
    list: async (resource, namespace) => {
      const path = collectionPath(resource, namespace);
      return ((await demand({ method: "GET", path })) as { items: never[] }).items;
    },
    create: async <T extends KubeObject>(resource: Resource, object: T) => {
      const path = `${collectionPath(resource, object.metadata.namespace)}?fieldValidation=Strict`;
      return (await demand({ method: "POST", path, body: object })) as T;
    },
    patch: async (resource, ref, change, by = "a-user") => {
      const path = `${pathOf(resource, ref)}?fieldManager=${by}&fieldValidation=Strict`;
      await demand({ method: "PATCH", path, body: change, contentType: mergePatch });
    },
    remove: async (resource, ref) => {
      await demand({ method: "DELETE", path: pathOf(resource, ref) });
    },
    eventually,
    moduleLog: () => moduleLog(access, kubectl),
    forbidden: async () =>
      access.auditLog === undefined
        ? complaints(await moduleLog(access, kubectl))
        : refusedRequests(await readFile(access.auditLog, "utf8")),
    close: () => pool.close(),
  };
}

/** A path that is not served is answered in plain text. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return { message: text.trim() };
  }
}

/** The message of a Status, https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/status/ */
export function messageOf(body: unknown): string {
  const { message } = body as { message?: unknown };
  return typeof message === "string" ? message : "no reason given";
}

async function moduleLog({ logs }: Access, kubectl: TestCluster["kubectl"]): Promise<string> {
  if (logs === undefined) {
    const apps = [moduleName, `${moduleName}-watcher`];
    const args = (app: string): string[] => ["-n", moduleNamespace, "-l", `app=${app}`];
    const said = apps.map(async app => kubectl(["logs", "--tail=-1", ...args(app)]));
    return (await Promise.all(said)).join("\n");
  }
  const files = (await readdir(logs)).filter(name => name.startsWith(moduleName));
  const said = files
    .filter(name => name.endsWith(".log"))
    .map(async name => readFile(join(logs, name), "utf8"));
  return (await Promise.all(said)).join("\n");
}

/** A refusal that only more rights would help; writing into a namespace that is going is "forbidden" as well. */
function complaints(log: string): string[] {
  return log.split("\n").filter(line => /is forbidden: User /.test(line));
}

/** https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/ */
export type AuditEvent = {
  readonly verb: string;
  readonly requestURI: string;
  readonly objectRef?: {
    readonly apiGroup?: string;
    readonly resource: string;
    readonly subresource?: string;
  };
  readonly annotations?: Readonly<Record<string, string>>;
};

export function auditEvents(log: string): AuditEvent[] {
  const lines = log.split("\n").filter(line => line.endsWith("}"));
  return lines.map(line => JSON.parse(line) as AuditEvent);
}

/** What was forbidden and never allowed: an API server that has just started forbids everything until it knows the roles. */
function refusedRequests(log: string): string[] {
  const rightsBy = (decision: string): string[] =>
    auditEvents(log)
      .filter(({ annotations = {} }) => annotations["authorization.k8s.io/decision"] === decision)
      .map(rightOf);
  const allowed = new Set(rightsBy("allow"));
  return [...new Set(rightsBy("forbid"))].filter(right => !allowed.has(right));
}

/** The verb, then group and resource as a rule has them. */
export function rightOf({ verb, requestURI, objectRef }: AuditEvent): string {
  if (!objectRef) return `${verb} ${requestURI}`;
  const { apiGroup = "", resource, subresource = "" } = objectRef;
  const what = subresource === "" ? resource : `${resource}/${subresource}`;
  return [verb, apiGroup, what].filter(part => part !== "").join(" ");
}

/** The kubeconfig that kubectl is given: a file, whose user may do all. */
export function ownKubeconfig({ access }: TestCluster): string | undefined {
  return access.kubectl[access.kubectl.indexOf("--kubeconfig") + 1];
}
