/**
 * A proxy on loopback in front of the API server that answers wrongly, late or not at all while it is told to. It ends TLS with
 * the API server's own certificate, so that its clients trust it as they are.
 */
import { readFileSync } from "node:fs";
import { Agent, createServer, request, type Server } from "node:https";
import type { IncomingMessage, ServerResponse } from "node:http";
import { join } from "node:path";
import type { ControlPlane } from "../../local/control-plane/servers";

export type Disturbance = {
  /** Shares of requests, from 0 to 1. */
  readonly refused: number;
  readonly dropped: number;
  /** Done, but the answer is lost. */
  readonly unanswered: number;
  readonly delayed: number;
  /** Shares of the lines of watches. */
  readonly doubled: number;
  readonly lost: number;
  /** Told after the one that follows. */
  readonly swapped: number;
  /** The watch is told that its version is too old, as after a compaction of etcd. */
  readonly expired: number;
};

export type FaultyProxy = {
  readonly port: number;
  /** Undefined: no disturbance. Watches that were disturbed are cut when it ends, as they would be sooner or later. */
  readonly disturb: (disturbance: Disturbance | undefined) => void;
  /** Faults so far, by kind. */
  readonly counts: ReadonlyMap<string, number>;
  readonly stop: () => Promise<void>;
};

const longestDelay = 3000;
const unavailable = [429, 500, 503, 504];

const tooOld = `${JSON.stringify({
  type: "ERROR",
  object: { kind: "Status", apiVersion: "v1", status: "Failure", reason: "Expired", code: 410 },
})}\n`;

type State = {
  readonly target: URL;
  readonly ca: string;
  readonly agent: Agent;
  disturbance: Disturbance | undefined;
  readonly counts: Map<string, number>;
  /** Answers to watches that have missed something. */
  readonly spoilt: Set<ServerResponse>;
};

export async function startFaultyProxy(controlPlane: ControlPlane): Promise<FaultyProxy> {
  const certificate = (kind: string): string =>
    readFileSync(join(controlPlane.folder, "certificates", `apiserver.${kind}`), "utf8");
  const state: State = {
    target: new URL(controlPlane.url),
    ca: controlPlane.certificateAuthority,
    agent: new Agent({ keepAlive: true }),
    disturbance: undefined,
    counts: new Map(),
    spoilt: new Set(),
  };
  const tls = { cert: certificate("crt"), key: certificate("key") };
  const server = createServer(tls, (incoming, answer) => {
    serve(state, incoming, answer);
  });
  server.keepAliveTimeout = 120_000;
  const port = await listen(server);
  return {
    port,
    disturb: disturbance => {
      state.disturbance = disturbance;
      if (disturbance) return;
      for (const answer of state.spoilt) answer.destroy();
      state.spoilt.clear();
    },
    counts: state.counts,
    stop: async () => {
      state.agent.destroy();
      server.closeAllConnections();
      await new Promise(resolve => server.close(resolve));
    },
  };
}

function serve(state: State, incoming: IncomingMessage, answer: ServerResponse): void {
  const fault = faultAmong(requestFaults, state);
  incoming.on("error", () => undefined);
  answer.on("error", () => undefined);
  if (fault === "refused") {
    refuse(incoming, answer);
    return;
  }
  if (fault === "dropped") {
    incoming.socket.destroy();
    return;
  }
  // After the request's being done or before, as chance has it.
  const wait = fault === "delayed" ? Math.random() * longestDelay : 0;
  const [before, after] = Math.random() < 0.5 ? [wait, 0] : [0, wait];
  setTimeout(() => {
    forward(state, incoming, answer, { after, isUnanswered: fault === "unanswered" });
  }, before);
}

const requestFaults = ["refused", "dropped", "unanswered", "delayed"] as const;

/** One of these faults as chance has it, counted. */
function faultAmong<Kind extends keyof Disturbance>(
  kinds: readonly Kind[],
  { disturbance, counts }: State,
): Kind | undefined {
  if (!disturbance) return undefined;
  let chance = Math.random();
  const fault = kinds.find(kind => (chance -= disturbance[kind]) < 0);
  if (fault) counts.set(fault, (counts.get(fault) ?? 0) + 1);
  return fault;
}

function refuse(incoming: IncomingMessage, answer: ServerResponse): void {
  incoming.resume();
  // The API server answers a deletion with 409 only where the object is another.
  const isWrite = ["POST", "PATCH"].includes(incoming.method ?? "");
  const codes = isWrite ? [...unavailable, 409] : unavailable;
  const code = codes[Math.floor(Math.random() * codes.length)] ?? 500;
  const status = { kind: "Status", apiVersion: "v1", status: "Failure", code, message: "chaos" };
  answer.writeHead(code, {
    "content-type": "application/json",
    ...(code === 429 ? { "retry-after": "1" } : {}),
  });
  answer.end(JSON.stringify(status));
}

function forward(
  state: State,
  incoming: IncomingMessage,
  answer: ServerResponse,
  fault: { readonly after: number; readonly isUnanswered: boolean },
): void {
  const { target, ca, agent } = state;
  const { method, url = "/", headers } = incoming;
  const options = { host: target.hostname, port: target.port, method, path: url, headers };
  const passed = request({ ...options, ca, agent }, response => {
    if (fault.isUnanswered) {
      response.destroy();
      answer.destroy();
      return;
    }
    setTimeout(() => {
      answer.writeHead(response.statusCode ?? 500, response.headers);
      answer.flushHeaders();
      if (url.includes("watch=true")) passLines(state, response, answer);
      else response.pipe(answer);
    }, fault.after);
    response.on("error", () => answer.destroy());
    response.on("aborted", () => answer.destroy());
  });
  passed.on("error", () => answer.destroy());
  answer.on("close", () => passed.destroy());
  incoming.pipe(passed);
}

function passLines(state: State, response: IncomingMessage, answer: ServerResponse): void {
  let rest = "";
  let held = "";
  response.setEncoding("utf8");
  response.on("data", (text: string) => {
    const lines = (rest + text).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) held = passLine(state, answer, `${line}\n`, held);
  });
  response.on("end", () => {
    answer.end(held);
    state.spoilt.delete(answer);
  });
  answer.on("close", () => state.spoilt.delete(answer));
}

const watchFaults = ["expired", "lost", "swapped", "doubled"] as const;

/** Gives the line that is held back. */
function passLine(state: State, answer: ServerResponse, line: string, held: string): string {
  if (answer.writableEnded) return "";
  const fault = faultAmong(watchFaults, state);
  if (fault) state.spoilt.add(answer);
  switch (fault) {
    case "expired":
      answer.end(tooOld);
      return "";
    case "lost":
      return held;
    case "swapped":
      if (held === "") return line;
      break;
    case "doubled":
      answer.write(line);
  }
  answer.write(line + held);
  return "";
}

function listen(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no port"));
      else resolve(address.port);
    });
  });
}
