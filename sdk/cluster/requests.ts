/** Asks the API server. A Secret is read by `secretData` alone. */
import { json } from "node:stream/consumers";
import { isRecord } from "../../capabilities/kubernetes/record";
import { ForbiddenError, RefusedError, UnreachableError, type DatabaseError } from "../errors";
import { messageOf } from "../fault";
import type { Access } from "./access";

export type Answer = { readonly code: number; readonly body: unknown };

type Call = {
  readonly method: "GET" | "POST" | "PATCH" | "DELETE";
  readonly accept?: string;
  readonly content?: { readonly type: string; readonly body: object };
};

/** In ms, for an API server that takes the connection and says nothing. */
const usualPatience = 30_000;

/** Table is what kubectl prints: https://kubernetes.io/docs/reference/using-api/api-concepts/#receiving-resources-as-tables */
const accepted = {
  object: "application/json",
  table: "application/json;as=Table;v=v1;g=meta.k8s.io",
} as const;

/** An answer of the API server with a code below 300, or 404. Throws what it says otherwise. */
export async function read(
  access: Access,
  path: string,
  as: keyof typeof accepted = "object",
): Promise<Answer> {
  return answerTo(access, path, { method: "GET", accept: accepted[as] });
}

/**
 * Makes the object so, server-side: https://kubernetes.io/docs/reference/using-api/server-side-apply/. Fields that another manager has
 * set otherwise are not taken over: the API server refuses, and names them.
 */
export async function apply(
  access: Access,
  path: string,
  object: object,
  fieldManager: string,
): Promise<Answer> {
  const query = new URLSearchParams({ fieldManager, fieldValidation: "Strict" });
  const content = { type: "application/apply-patch+yaml", body: object };
  return answerTo(access, `${path}?${query.toString()}`, { method: "PATCH", content });
}

/** Makes the object, which must not be there yet. */
export async function create(access: Access, path: string, object: object): Promise<Answer> {
  const content = { type: "application/json", body: object };
  return answerTo(access, `${path}?fieldValidation=Strict`, { method: "POST", content });
}

/** The object as it would be made: it is judged and not stored. https://kubernetes.io/docs/reference/using-api/api-concepts/#dry-run */
export async function tryToCreate(access: Access, path: string, object: object): Promise<Answer> {
  const content = { type: "application/json", body: object };
  return answerTo(access, `${path}?dryRun=All`, { method: "POST", content });
}

/** Changes these fields of an object and no others; null takes one out. https://www.rfc-editor.org/rfc/rfc7386 */
export async function merge(access: Access, path: string, change: object): Promise<Answer> {
  const content = { type: "application/merge-patch+json", body: change };
  return answerTo(access, `${path}?fieldValidation=Strict`, { method: "PATCH", content });
}

/** Asks for the object's deletion: it may still be there afterwards. 404 where there was none. */
export async function remove(access: Access, path: string): Promise<Answer> {
  return answerTo(access, path, { method: "DELETE" });
}

async function answerTo(access: Access, path: string, call: Call): Promise<Answer> {
  const { code, body } = await ask(access, path, call).catch((fault: unknown) => {
    access.signal?.throwIfAborted();
    const message = `cannot reach ${access.server}: ${messageOf(fault)}`;
    throw new UnreachableError(message, { cause: fault });
  });
  if (code < 300 && !isRecord(body)) {
    const problem = `${access.server} answers ${code} without an object: is it a Kubernetes API server?`;
    throw new UnreachableError(problem);
  }
  if (code < 300 || code === 404) return { code, body };
  const { message = `code ${code}` } = isRecord(body) ? body : {};
  throw refusal(code, `${access.server} refused: ${String(message)}`);
}

const invalid = [400, 409, 422];

/** A webhook's refusal may have any code: https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response */
function refusal(code: number, message: string): DatabaseError {
  const isJudged = /admission webhook "[^"]*" denied the request/.test(message);
  if (isJudged || invalid.includes(code)) return new RefusedError(message);
  return code === 401 || code === 403 ? new ForbiddenError(message) : new UnreachableError(message);
}

async function ask(access: Access, path: string, call: Call): Promise<Answer> {
  const { server, token, tls, signal } = access;
  const { method, accept = accepted.object, content } = call;
  const patience = Math.min(access.patience ?? usualPatience, usualPatience);
  const headers = {
    accept,
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    ...(content && { "content-type": content.type }),
  };
  const url = new URL(server + path);
  // Loaded here, since most commands ask no one.
  const { request: send } =
    url.protocol === "http:" ? await import("node:http") : await import("node:https");
  return new Promise((resolve, reject) => {
    const options = { method, headers, ...tls, timeout: patience, ...(signal && { signal }) };
    const asked = send(url, options, response => {
      json(response).then(
        answer => {
          resolve({ code: response.statusCode ?? 0, body: answer });
        },
        // A proxy on the way, or a path that is not served, answers in plain text.
        () => {
          resolve({ code: response.statusCode ?? 0, body: undefined });
        },
      );
    });
    asked.on("timeout", () =>
      asked.destroy(new Error(`no answer within ${Math.round(patience / 1000)} s`)),
    );
    asked.on("error", reject);
    asked.end(content && JSON.stringify(content.body));
  });
}
