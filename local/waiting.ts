// Waiting for servers: until something holds, or answers over HTTPS.
import { get } from "node:https";
import { setTimeout as pause } from "node:timers/promises";

/** How a wait may end without what was waited for. */
export interface Patience {
  /** What is waited for, to name in the error. */
  readonly what: string;
  readonly seconds: number;
  /** Why there is nothing to wait for any more, if so. */
  readonly hopeless?: () => string | undefined;
  /** What to add to the error when time is up. */
  readonly details?: () => string;
}

/** Asks again and again until the answer is yes. */
export async function until(
  holds: () => boolean | Promise<boolean>,
  { what, seconds, hopeless, details }: Patience,
): Promise<void> {
  const deadline = Date.now() + seconds * 1000;
  while (!(await holds())) {
    const reason = hopeless?.();
    if (reason !== undefined) throw new Error(`${what}: ${reason}`);
    if (Date.now() > deadline) {
      throw new Error(`${what}: not within ${seconds} s\n${details?.() ?? ""}`.trimEnd());
    }
    await pause(50);
  }
}

/**
 * Whether GET on a path of a port of this machine answers 200 within a second, on a connection of its own. Without a
 * certificate authority anybody may answer, as with kubelet's probes.
 */
export function answers(port: number, path: string, ca?: string): Promise<boolean> {
  return new Promise(resolve => {
    const server = { host: "127.0.0.1", port, path, ca, rejectUnauthorized: ca !== undefined };
    const request = get({ ...server, agent: false, timeout: 1000 }, response => {
      response.resume();
      resolve(response.statusCode === 200);
    });
    request.once("timeout", () => request.destroy());
    request.once("error", () => {
      resolve(false);
    });
  });
}
