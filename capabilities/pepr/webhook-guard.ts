/**
 * Stands before Pepr's webhook: what is no AdmissionReview is refused with 400 there, and what an entry beside admission's asks is answered.
 * Pepr 1.1.4: it fails on such a body with 500, or lets it pass; and it has one entry with one failure policy for all kinds, so that a binding
 * for pods would hold up those of the whole cluster while the module is away. Goes when Pepr checks what it is sent, and has entries by kind.
 */
import { subscribe } from "node:diagnostics_channel";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { prototypeDenial, reviewFault } from "../admission/review";
import { isOwnPath } from "./webhook-server";

/** In bytes. An object has at most 1.5 MiB in etcd, and a review holds two. */
const longestBody = 4 * 1024 * 1024;

const badRequest = 400;
const contentTooLarge = 413;
const unprocessable = 422;

type Listener = (request: IncomingMessage, response: ServerResponse) => void;
/** Parsed already: Express leaves a request alone that was read to its end. */
type Read = IncomingMessage & { body?: unknown };
type Ways = {
  readonly handOn: () => void;
  readonly reviewers: readonly Reviewer[];
  readonly warn: (line: string) => void;
};
type Answer = { readonly body: unknown } | ReviewResponse | Refused;
type Refused = { readonly code: number; readonly why: string };

/** https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#response */
export type ReviewResponse = {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: { readonly code: number; readonly message: string };
  readonly patchType?: "JSONPatch";
  /** In base64. */
  readonly patch?: string;
};

/** Answers the reviews that are its own; undefined for all others. */
export type Reviewer = (review: unknown) => Promise<ReviewResponse | undefined>;

/** Pepr 1.1.4 keeps its server to itself; Node's channel names it just before a request is handed to its listeners. */
export function guardWebhook(warn: (line: string) => void, reviewers: readonly Reviewer[]): void {
  const guarded = new WeakSet<Server>();
  subscribe("http.server.request.start", message => {
    const { server } = message as { server: Server };
    if (guarded.has(server)) return;
    guarded.add(server);
    const listeners = server.listeners("request") as Listener[];
    server.removeAllListeners("request");
    server.on("request", (request, response) => {
      const handOn = (): void => {
        for (const listener of listeners) listener.call(server, request, response);
      };
      if (isReviewed(request)) void guard(request, response, { handOn, reviewers, warn });
      else handOn();
    });
  });
}

function isReviewed({ method, url = "" }: IncomingMessage): boolean {
  return method === "POST" && /^\/+(mutate|validate)\b/i.test(url);
}

async function guard(
  request: Read,
  response: ServerResponse,
  { handOn, reviewers, warn }: Ways,
): Promise<void> {
  try {
    const asked = parse(await read(request));
    const answer = await answerOf(asked, isOwnPath(request.url) ? reviewers : []);
    if ("body" in answer) {
      request.body = answer.body;
      handOn();
      return;
    }
    if ("uid" in answer) {
      respond(response, answer);
      return;
    }
    warn(`refused what is posted to the webhook: it ${answer.why}`);
    response.writeHead(answer.code, { "content-type": "text/plain" });
    response.end(`what was posted ${answer.why}\n`);
  } catch (fault) {
    // Who asked has gone.
    warn(`the webhook's request broke off: ${String(fault)}`);
    response.destroy();
  }
}

/** Undefined if there is more than may be. */
async function read(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    // Read to the end all the same: a client that is still sending would not see the answer.
    if (length <= longestBody) chunks.push(chunk);
  }
  return length <= longestBody ? Buffer.concat(chunks) : undefined;
}

/** As the API server wants to be answered. */
function respond(response: ServerResponse, answer: ReviewResponse): void {
  response.writeHead(200, { "content-type": "application/json" });
  response.end(
    JSON.stringify({
      apiVersion: "admission.k8s.io/v1",
      kind: "AdmissionReview",
      response: answer,
    }),
  );
}

function parse(bytes: Buffer | undefined): Answer {
  if (!bytes) return { code: contentTooLarge, why: `has more than ${longestBody} bytes` };
  const body = jsonIn(bytes);
  const denial = prototypeDenial(body);
  if (denial) {
    const { uid, message } = denial;
    return { uid, allowed: false, status: { code: unprocessable, message } };
  }
  const why = reviewFault(body);
  return why === undefined ? { body } : { code: badRequest, why };
}

/** What is to be handed on is asked of the reviewers before. */
async function answerOf(asked: Answer, reviewers: readonly Reviewer[]): Promise<Answer> {
  if (!("body" in asked)) return asked;
  for (const review of reviewers) {
    const response = await review(asked.body);
    if (response) return response;
  }
  return asked;
}

/** Undefined if it is none. */
function jsonIn(bytes: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch {
    return undefined;
  }
}
