/** Sends events of claims beside the work: a claim that has come to something waits for nothing. */
import { eventResource } from "../reconcile/diagnosis";
import type { ClaimEvent } from "../reconcile/status";
import type { KubeObject } from "../kubernetes/objects";
import type { ApiClient } from "./client";
import { collectionPath, eventObject, faultOf, nameOf, refusalOf } from "./paths";

export type EventSender = {
  /** Best effort: an event that cannot be sent is only logged. */
  readonly send: (claim: KubeObject, event: ClaimEvent) => void;
  /** Gives when everything that was to be sent has been. */
  readonly idle: () => Promise<void>;
};

/** So many are sent side by side: events must not take the API server from what matters. */
const atOnce = 2;
/** So many wait at most; of more, whoever reads events is not the wiser. */
const mostWaiting = 1000;

/** Where the claim's namespace is being deleted, or has gone, nobody is left to read the event. */
function isLeaving(code: number, body: unknown): boolean {
  const { causes, kind } = refusalOf(code, body);
  return causes.includes("NamespaceTerminating") || (code === 404 && kind === "namespaces");
}

export function createEventSender(api: ApiClient, warn: (line: string) => void): EventSender {
  const waiting: { readonly claim: KubeObject; readonly event: ClaimEvent }[] = [];
  const underWay = new Set<Promise<void>>();

  function startSending(): void {
    while (underWay.size < atOnce) {
      const next = waiting.shift();
      if (!next) return;
      const sending = post(next.claim, next.event).finally(() => {
        underWay.delete(sending);
        startSending();
      });
      underWay.add(sending);
    }
  }

  async function post(claim: KubeObject, event: ClaimEvent): Promise<void> {
    const what = `event for ${nameOf(claim)}`;
    try {
      const { code, body } = await api({
        method: "POST",
        path: collectionPath(eventResource, claim.metadata.namespace),
        body: eventObject(claim, event, new Date()),
      });
      if (code >= 300 && !isLeaving(code, body)) warn(faultOf(what, code, body).message);
    } catch (fault) {
      warn(`${what}: ${String(fault)}`);
    }
  }

  return {
    send: (claim, event) => {
      if (waiting.length >= mostWaiting) {
        warn(`event for ${nameOf(claim)} is left out: ${mostWaiting} others wait already`);
        return;
      }
      waiting.push({ claim, event });
      startSending();
    },
    idle: async () => {
      while (underWay.size > 0) await Promise.all(underWay);
    },
  };
}
