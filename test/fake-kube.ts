/** The reconcile's `Kube` over the fake server: every call is counted, and any one can be made to fail. */
import type { KubeEvent } from "../capabilities/operator/diagnosis/evidence";
import { podMonitorResource } from "../capabilities/operator/cnpg/monitoring";
import type { Claim } from "../capabilities/claim/claim";
import type { PostgresClass } from "../capabilities/claim/class";
import {
  type KubeObject,
  type Secret,
  keyOf,
  refOf,
  secretResource,
} from "../capabilities/kubernetes/objects";
import { claimResource, classResource, labels } from "../capabilities/claim/names";
import { type Kube, type Written } from "../capabilities/reconcile/kube";
import { createMemory, forgetValues, type Memory } from "../capabilities/work/memory";
import { resourceOf, type FakeServer } from "./fake-server";
import { proofOf } from "./proof";
import { seal } from "./seal";

/** A write, with all that was sent. */
export type Write = { readonly verb: string; readonly what: string; readonly sent: unknown };

export type Failure = {
  /** Which call from now on fails: that after so many others, or the next of this description. */
  readonly at: number | string;
  /** Whether what was asked for happens all the same, and only the answer is lost. */
  readonly isDone: boolean;
};

export type FakeKube = Kube & {
  readonly writes: readonly Write[];
  /** What was searched for. */
  readonly searches: readonly string[];
  readonly memory: Memory;
  readonly failAt: (failure: Failure | undefined) => void;
  /** Whether the failure is still to come. */
  readonly isFailing: () => boolean;
};

export type Freshness =
  /** Every read is asked of the server. */
  | "live"
  /** Reads are answered from what the memory was told, as in the module. */
  | "remembered";

function nameOf(object: KubeObject): string {
  return `${object.kind} ${keyOf(refOf(object))}`;
}

export function createFakeKube(server: FakeServer, freshness: Freshness = "live"): FakeKube {
  const memory = createMemory(seal);
  const marks = new Map<string, string>();
  const writes: Write[] = [];
  const searches: string[] = [];
  let failure: Failure | undefined;

  /** One request: it may fail before or after it is done. */
  async function ask<T>(what: string, act: () => T): Promise<T> {
    await Promise.resolve();
    const planned = failure;
    if (!planned) return act();
    const isMeant = typeof planned.at === "string" ? what === planned.at : planned.at === 0;
    if (!isMeant) {
      if (typeof planned.at === "number") failure = { ...planned, at: planned.at - 1 };
      return act();
    }
    failure = undefined;
    if (planned.isDone) act();
    throw new Error(`${what}: the API server did not answer`);
  }

  /** The memory takes out of what it is told, so it gets a copy. */
  function note(object: KubeObject): void {
    memory.note(resourceOf(object), structuredClone(object));
  }

  async function write(verb: string, object: KubeObject, act: () => Written): Promise<Written> {
    writes.push({ verb, what: nameOf(object), sent: structuredClone(object) });
    const written = await ask(`${verb} ${nameOf(object)}`, act);
    if ("object" in written) note(written.object);
    return written;
  }

  const readLive: Kube["readLive"] = async (resource, ref) => {
    const uid = memory.last(resource, ref)?.metadata.uid;
    const found = await ask(`read ${resource.kind} ${keyOf(ref)}`, () =>
      server.find(resource, ref),
    );
    if (found) note(found);
    else memory.gone(resource, ref, uid);
    if (!found && resource === claimResource) marks.delete(keyOf(ref));
    return found;
  };

  /** Where the memory is told of everything, as here, what it does not know is not there. */
  const remembered: Kube["remembered"] = async (resource, ref) => {
    // Listed once in the module; here looked for each time, which is no call that could fail.
    if (resource === podMonitorResource) return server.find(resource, ref);
    const recollection = memory.recall(resource, ref);
    if (recollection.state === "known") return recollection.object;
    return recollection.state === "unknown" ? undefined : readLive(resource, ref);
  };

  const isMarked =
    ({ metadata: { uid } }: Claim) =>
    ({ metadata }: KubeObject): boolean =>
      metadata.labels?.[labels.claimUid] === uid;

  const markedLive: Kube["markedLive"] = async claim =>
    ask("list Secrets", () => server.all(secretResource).filter(isMarked(claim)));

  /** Of selectors it knows those that are asked for: a label, and the object that an event is of. */
  const search: Kube["search"] = async ({ resource, namespace, labelSelector, fieldSelector }) => {
    const [label = "", value = ""] = (labelSelector ?? "").split("=");
    const [, uid] = /involvedObject\.uid=([^,]*)/.exec(fieldSelector ?? "") ?? [];
    const isOf = (object: KubeObject): boolean =>
      uid === undefined || (object as KubeEvent).involvedObject?.uid === uid;
    searches.push(`${resource.plural} of ${namespace}`);
    return ask(`list ${resource.plural}`, () =>
      server
        .all(resource)
        .filter(({ metadata }) => metadata.namespace === namespace)
        .filter(({ metadata }) => label === "" || metadata.labels?.[label] === value)
        .filter(isOf),
    );
  };

  const apply: Kube["apply"] = async (resource, object, live) => {
    const metadata = { ...object.metadata, uid: live.metadata.uid ?? "" };
    const written = await write("apply", object, () => server.apply({ ...object, metadata }));
    if ("refusal" in written && [404, 409].includes(written.refusal.code)) {
      memory.doubt(resource, refOf(object));
      throw new Error(`apply ${nameOf(object)}: ${written.refusal.message}`);
    }
    return written;
  };

  const remove: Kube["remove"] = async (resource, object) => {
    writes.push({ verb: "remove", what: nameOf(object), sent: undefined });
    const isGone = await ask(`remove ${nameOf(object)}`, () => {
      const found = server.find(resource, refOf(object));
      if (!found || found.metadata.uid !== object.metadata.uid) return true;
      server.remove(found);
      return server.find(resource, refOf(object)) === undefined;
    });
    if (isGone) memory.gone(resource, refOf(object), object.metadata.uid);
    return isGone;
  };

  const removeUnchanged: Kube["removeUnchanged"] = async (resource, object) => {
    writes.push({ verb: "remove", what: nameOf(object), sent: undefined });
    return ask(`remove ${nameOf(object)}`, () => {
      const { uid, resourceVersion } = server.find(resource, refOf(object))?.metadata ?? {};
      const { metadata } = object;
      if (uid !== metadata.uid || resourceVersion !== metadata.resourceVersion) return false;
      server.remove(object);
      return true;
    });
  };

  /** A change of this very claim: if it is gone or another by now, it needs no more telling. */
  async function change(verb: string, claim: KubeObject, fields: Partial<Claim>): Promise<void> {
    writes.push({ verb, what: nameOf(claim), sent: structuredClone(fields) });
    await ask(`${verb} ${nameOf(claim)}`, () => {
      const found = server.find(claimResource, refOf(claim));
      if (found?.metadata.uid !== claim.metadata.uid) {
        memory.doubt(claimResource, refOf(claim));
        return;
      }
      server.edit(claim, live => ({
        ...live,
        ...fields,
        metadata: { ...live.metadata, ...fields.metadata },
      }));
      const after = server.find(claimResource, refOf(claim));
      if (after) note(after);
    });
  }

  return {
    read: async (resource, ref) =>
      freshness === "live" || resource === podMonitorResource
        ? readLive(resource, ref)
        : remembered(resource, ref),
    readLive,
    remembered,
    marked: async claim =>
      freshness === "live"
        ? markedLive(claim)
        : Promise.resolve(memory.all(secretResource).filter(isMarked(claim))),
    markedLive,
    search,
    classes: async () =>
      ask("list classes", () => server.all(classResource) as readonly PostgresClass[]),
    create: async (_resource, object) => write("create", object, () => server.create(object)),
    apply,
    remove,
    removeUnchanged,
    setStatus: async (claim, status) => change("status", claim, { ...{ status } }),
    setFinalizers: async (claim, finalizers) => {
      const { name, resourceVersion } = claim.metadata;
      const found = server.find(claimResource, refOf(claim));
      if (found && found.metadata.resourceVersion !== resourceVersion) {
        memory.doubt(claimResource, refOf(claim));
        throw new Error(`finalizers ${nameOf(claim)}: the claim has changed (409)`);
      }
      await change("finalizers", claim, { metadata: { name, finalizers } });
    },
    tell: async (claim, event) => {
      writes.push({ verb: "event", what: nameOf(claim), sent: { ...event } });
      // An event that cannot be written is only logged.
      await ask("event", () => undefined).catch(() => undefined);
    },
    seal: (secret: Secret) => seal(secret),
    proofOf: async ({ metadata }, place) => Promise.resolve(proofOf(metadata.uid ?? "", place)),
    settled: claim => marks.get(keyOf(claim)),
    settle: (claim, sources, mark) => {
      marks.set(keyOf(claim), mark);
      for (const ref of sources) {
        const source = memory.recall(secretResource, ref);
        if (source.state === "known") forgetValues(source.object);
      }
    },
    writes,
    searches,
    memory,
    failAt: planned => {
      failure = planned;
    },
    isFailing: () => failure !== undefined,
  };
}
