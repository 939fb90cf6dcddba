/** The stand-in's only way to the API server: JSON over one pool of connections, "not found" told by undefined. */
import { setTimeout as sleep } from "node:timers/promises";

import { Agent, request } from "undici";

import type { KubeObject } from "../../capabilities/kubernetes/objects";
import { accessTo } from "../../sdk/cluster/access";

export type List = {
  readonly metadata: { readonly resourceVersion: string };
  readonly items: readonly KubeObject[];
};

export type WatchEvent = { readonly type: string; readonly object: KubeObject };

export type Api = {
  readonly server: string;
  readonly read: (path: string) => Promise<KubeObject | undefined>;
  readonly list: (path: string) => Promise<List | undefined>;
  /** What was created; undefined when there is one of that name. */
  readonly create: (path: string, object: object) => Promise<KubeObject | undefined>;
  /** Why it may not be created: nothing is made. Undefined when it may. */
  readonly refusal: (path: string, object: object) => Promise<string | undefined>;
  /** What has become of it; undefined when there is none. A list is a JSON patch, an object a merge patch. */
  readonly patch: (path: string, patch: object) => Promise<KubeObject | undefined>;
  /** Whether there was one; what it owns goes with it. */
  readonly remove: (path: string) => Promise<boolean>;
  readonly watch: (path: string, signal: AbortSignal) => AsyncIterable<WatchEvent>;
};

type Call = { readonly method: "GET" | "POST" | "PATCH" | "DELETE"; readonly body?: object };
type Reply = Awaited<ReturnType<typeof request>>;
type Send = (path: string, call: Call, signal?: AbortSignal) => Promise<Reply>;

const retryDelay = 300;
/** CNPG's operator writes under this name. */
const fieldManager = "fieldManager=manager";

/** A client for the current context of the kubeconfig. */
export async function connect(kubeconfig: string): Promise<Api> {
  const { server, token, tls } = await accessTo({
    file: kubeconfig,
    context: undefined,
    env: {},
  });
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  // Watches are silent for minutes: no timeout on the body. The API server ends them (timeoutSeconds).
  const dispatcher = new Agent({ connections: 16, bodyTimeout: 0, connect: tls });
  const send: Send = (path, { method, body }, signal) =>
    request(`${server}${path}`, {
      dispatcher,
      method,
      headers: { ...authorization, ...(body && { "content-type": contentType(method, body) }) },
      ...(body && { body: JSON.stringify(body) }),
      ...(signal && { signal }),
    });
  return {
    server,
    read: path => json<KubeObject>(send, path, { method: "GET" }, 404),
    list: path => json<List>(send, path, { method: "GET" }, 404),
    create: (path, body) =>
      json<KubeObject>(send, `${path}?${fieldManager}`, { method: "POST", body }, 409),
    refusal: (path, body) => refusal(send, path, body),
    patch: (path, body) =>
      json<KubeObject>(send, `${path}?${fieldManager}`, { method: "PATCH", body }, 404),
    remove: async path => {
      const background = `${path}?propagationPolicy=Background`;
      return (await json(send, background, { method: "DELETE" }, 404)) !== undefined;
    },
    watch: (path, signal) => events(send, path, signal),
  };
}

function contentType(method: Call["method"], body: object): string {
  if (method === "POST") return "application/json";
  return Array.isArray(body) ? "application/json-patch+json" : "application/merge-patch+json";
}

async function json<T>(
  send: Send,
  path: string,
  call: Call,
  absent: number,
): Promise<T | undefined> {
  const { statusCode, body } = await send(path, call);
  if (statusCode < 300) return (await body.json()) as T;
  const text = await body.text();
  if (statusCode === absent) return undefined;
  // Busy, or the storage of a new CRD is not ready yet.
  if (statusCode === 429) return sleep(retryDelay).then(() => json(send, path, call, absent));
  throw new Error(`${call.method} ${path}: ${statusCode} ${messageOf(text)}`);
}

/** What quotas, limits and other rules of the namespace say of it. */
async function refusal(send: Send, path: string, body: object): Promise<string | undefined> {
  const call = { method: "POST", body } as const;
  const answer = await send(`${path}?${fieldManager}&dryRun=All`, call);
  const text = await answer.body.text();
  return answer.statusCode === 403 ? messageOf(text) : undefined;
}

/** The message of a Status alone: the rest may repeat what was sent. */
function messageOf(text: string): string {
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? message : "";
  } catch {
    return "";
  }
}

async function* events(send: Send, path: string, signal: AbortSignal): AsyncIterable<WatchEvent> {
  const { statusCode, body } = await send(path, { method: "GET" }, signal);
  if (statusCode >= 300) {
    await body.dump();
    return;
  }
  let rest = "";
  body.setEncoding("utf8");
  for await (const chunk of body) {
    const lines = (rest + String(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) if (line !== "") yield JSON.parse(line) as WatchEvent;
  }
}
