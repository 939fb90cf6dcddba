/** Reads from the API server, and writes nothing. A Secret is read by `outputs --show-secrets` alone. */
import { json } from "node:stream/consumers";
import { isRecord } from "../../capabilities/claim/schema";
import { CommandFailure, exitCodes } from "../command";
import { messageOf } from "../fault";
import type { Access } from "./kubeconfig";

export type Answer = { readonly code: number; readonly body: unknown };

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
  const { code, body } = await ask(access, path, accepted[as]).catch((fault: unknown) => {
    const message = `cannot reach ${access.server}: ${messageOf(fault)}`;
    throw new CommandFailure(exitCodes.unavailable, message, { cause: fault });
  });
  if (code < 300 && !isRecord(body)) {
    const problem = `${access.server} answers ${code} without an object: is it a Kubernetes API server?`;
    throw new CommandFailure(exitCodes.unavailable, problem);
  }
  if (code < 300 || code === 404) return { code, body };
  const { message = `code ${code}` } = isRecord(body) ? body : {};
  const why = `${access.server} refused: ${String(message)}`;
  throw new CommandFailure(exitCodes.unavailable, why);
}

async function ask(access: Access, path: string, accept: string): Promise<Answer> {
  const { server, token, tls } = access;
  const patience = Math.min(access.patience ?? usualPatience, usualPatience);
  const headers = { accept, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
  const url = new URL(server + path);
  // Loaded here, since most commands ask no one.
  const { request: send } =
    url.protocol === "http:" ? await import("node:http") : await import("node:https");
  return new Promise((resolve, reject) => {
    const asked = send(url, { headers, ...tls, timeout: patience }, response => {
      json(response).then(
        body => {
          resolve({ code: response.statusCode ?? 0, body });
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
    asked.end();
  });
}
