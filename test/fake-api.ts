/**
 * The API server's answers over the fake server: paths, selectors, patches, preconditions and codes, as far as the module uses them.
 * So the unit tests of the reconcile go the real way: `cluster/kube.ts` over a client.
 */
import type { KubeEvent } from "../capabilities/operator/diagnosis/evidence";
import type { Claim } from "../capabilities/claim/claim";
import type { ApiClient, ApiRequest, ApiResponse } from "../capabilities/cluster/client";
import {
  keyOf,
  refOf,
  type KubeObject,
  type Ref,
  type Resource,
} from "../capabilities/kubernetes/objects";
import { isRecord } from "../capabilities/kubernetes/record";
import type { Refusal } from "../capabilities/reconcile/kube";
import { resources, type FakeServer, type ServerAnswer } from "./fake-server";

/** A write, with all that was sent. */
export type Write = { readonly verb: string; readonly what: string; readonly sent: unknown };

export type Failure = {
  /** Which request from now on fails: that after so many others, or the next of this description. */
  readonly at: number | string;
  /** Whether what was asked for happens all the same, and only the answer is lost. */
  readonly isDone: boolean;
};

export type FakeApi = {
  readonly api: ApiClient;
  readonly writes: readonly Write[];
  /** Every request that read something, as `read Kind namespace/name` or `list plural of namespace`. */
  readonly reads: readonly string[];
  readonly failAt: (failure: Failure | undefined) => void;
  /** Whether the failure is still to come. */
  readonly isFailing: () => boolean;
};

type Target = {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string | undefined;
  readonly isStatus: boolean;
  readonly query: URLSearchParams;
};

/** What a request is, and what comes of it. */
type Act = {
  readonly words: string;
  readonly write?: Write;
  readonly play: () => ApiResponse;
};

const pattern =
  /^\/(?:api|apis\/(?<group>[^/]+))\/[^/]+(?:\/namespaces\/(?<namespace>[^/]+))?\/(?<plural>[a-z]+)(?:\/(?<name>[^/]+))?(?<status>\/status)?$/;

function targetOf(path: string): Target | undefined {
  const { pathname, searchParams } = new URL(path, "http://fake");
  const { group = "", namespace = "", plural, name, status } = pattern.exec(pathname)?.groups ?? {};
  const resource = resources.find(found => found.group === group && found.plural === plural);
  if (!resource) return undefined;
  return { resource, namespace, name, isStatus: status !== undefined, query: searchParams };
}

function failed(code: number, message: string, more: Partial<Refusal> = {}): ApiResponse {
  const { kind, causes = [] } = more;
  const details = { kind, causes: causes.map(reason => ({ reason })) };
  return { code, body: { kind: "Status", message, details } };
}

function answerTo(written: ServerAnswer, code = 200): ApiResponse {
  if ("object" in written) return { code, body: structuredClone(written.object) };
  const { refusal } = written;
  return failed(refusal.code, refusal.message, refusal);
}

export function createFakeApi(server: FakeServer): FakeApi {
  const writes: Write[] = [];
  const reads: string[] = [];
  let failure: Failure | undefined;

  const api: ApiClient = async request => {
    await Promise.resolve();
    const target = targetOf(request.path);
    if (!target) return failed(404, "the server could not find the requested resource");
    const act = actOf(request, target);
    if (act.write) writes.push(act.write);
    else reads.push(act.words);
    const planned = failure;
    if (!planned) return act.play();
    const isMeant = typeof planned.at === "string" ? act.words === planned.at : planned.at === 0;
    if (!isMeant) {
      if (typeof planned.at === "number") failure = { ...planned, at: planned.at - 1 };
      return act.play();
    }
    failure = undefined;
    if (planned.isDone) act.play();
    throw new Error(`${act.words}: the API server did not answer`);
  };

  function actOf(request: ApiRequest, target: Target): Act {
    switch (request.method) {
      case "GET":
        return target.name === undefined ? listing(target) : reading(target, target.name);
      case "POST":
        return creation(target, request.body as KubeObject);
      case "DELETE":
        return removal(target, request.body);
      default:
        return patch(target, request);
    }
  }

  function found({ resource, namespace }: Target, name: string): KubeObject | undefined {
    return server.find(resource, { name, namespace });
  }

  function whatOf({ resource, namespace }: Target, name: string): string {
    return `${resource.kind} ${keyOf({ name, namespace })}`;
  }

  function reading(target: Target, name: string): Act {
    return {
      words: `read ${whatOf(target, name)}`,
      play: () => {
        const object = found(target, name);
        return object ? { code: 200, body: structuredClone(object) } : failed(404, "not found");
      },
    };
  }

  function listing({ resource, namespace, query }: Target): Act {
    return {
      words: `list ${resource.plural} of ${namespace}`,
      play: () => {
        if (server.missing.has(resource.plural)) return failed(404, "no such kind");
        const items = server
          .all(resource)
          .filter(({ metadata }) => namespace === "" || metadata.namespace === namespace)
          .filter(object => isSelected(object, query))
          .map(withoutType);
        return { code: 200, body: { metadata: { resourceVersion: server.version() }, items } };
      },
    };
  }

  function creation(target: Target, sent: KubeObject): Act {
    if (target.resource.kind === "Event") return event(sent as KubeEvent);
    const what = whatOf(target, sent.metadata.name);
    return {
      words: `create ${what}`,
      write: { verb: "create", what, sent: structuredClone(sent) },
      play: () => answerTo(server.create(sent), 201),
    };
  }

  function event(sent: KubeEvent): Act {
    const { kind = "", namespace = "", name = "" } = sent.involvedObject as Ref & { kind?: string };
    const { type, reason, message } = sent as KubeEvent & { readonly type?: string };
    return {
      words: "event",
      write: {
        verb: "event",
        what: `${kind} ${namespace}/${name}`,
        sent: { type, reason, message },
      },
      play: () => ({ code: 201, body: sent }),
    };
  }

  function removal(target: Target, body: unknown): Act {
    const { name = "" } = target;
    const what = whatOf(target, name);
    const { preconditions } = body as { readonly preconditions?: Record<string, unknown> };
    return {
      words: `remove ${what}`,
      write: { verb: "remove", what, sent: undefined },
      play: () => {
        const object = found(target, name);
        if (!object) return failed(404, "not found");
        if (!isMet(object, preconditions)) return failed(409, "the precondition is not met");
        server.remove(object);
        const left = found(target, name);
        return left
          ? { code: 200, body: structuredClone(left) }
          : { code: 200, body: { kind: "Status", status: "Success" } };
      },
    };
  }

  function patch(target: Target, { contentType, body }: ApiRequest): Act {
    const { name = "", isStatus } = target;
    const what = whatOf(target, name);
    if (contentType === "application/apply-patch+yaml") {
      return {
        words: `apply ${what}`,
        write: { verb: "apply", what, sent: structuredClone(body) },
        play: () => answerTo(server.apply(body as KubeObject)),
      };
    }
    if (contentType === "application/json-patch+json") {
      return { words: `own ${what}`, play: () => reading(target, name).play() };
    }
    const { metadata = {}, ...fields } = body as { readonly metadata?: Record<string, unknown> };
    const verb = isStatus ? "status" : "ownerReferences" in metadata ? "owners" : "finalizers";
    return {
      words: `${verb} ${what}`,
      write: { verb, what, sent: structuredClone(isStatus ? withoutNulls(fields) : metadata) },
      play: () => changed(target, name, { metadata, fields }),
    };
  }

  function changed(
    target: Target,
    name: string,
    { metadata, fields }: { readonly metadata: Record<string, unknown>; readonly fields: object },
  ): ApiResponse {
    const { uid, resourceVersion, ...given } = metadata;
    const object = found(target, name);
    if (!object) return failed(404, "not found");
    if (!isMet(object, { uid, resourceVersion }))
      return failed(409, "the object has been modified");
    server.edit(object, live => ({
      ...live,
      ...(target.isStatus ? withoutNulls(fields) : {}),
      metadata: {
        ...live.metadata,
        ...given,
        labels: { ...live.metadata.labels, ...(given.labels as KubeObject["metadata"]["labels"]) },
      },
    }));
    return { code: 200, body: structuredClone(found(target, name) ?? object) };
  }

  return {
    api,
    writes,
    reads,
    failAt: planned => {
      failure = planned;
    },
    isFailing: () => failure !== undefined,
  };
}

function isMet(
  { metadata }: KubeObject,
  preconditions: Readonly<Record<string, unknown>> = {},
): boolean {
  return Object.entries(preconditions).every(
    ([name, value]) => value === undefined || Reflect.get(metadata, name) === value,
  );
}

/** Items of a list do not say what kind they are of. */
function withoutType(object: KubeObject): unknown {
  const fields = Object.entries(object).filter(([name]) => !["apiVersion", "kind"].includes(name));
  return structuredClone(Object.fromEntries(fields));
}

/** Of selectors it knows those that are asked for: a label, a type, and the object that an event is of. */
function isSelected(object: KubeObject, query: URLSearchParams): boolean {
  const fields = query.get("fieldSelector") ?? "";
  const [, uid] = /involvedObject\.uid=([^,]*)/.exec(fields) ?? [];
  const [, type] = /(?:^|,)type=([^,]*)/.exec(fields) ?? [];
  return (
    isLabelled(object, query.get("labelSelector") ?? "") &&
    (uid === undefined || (object as KubeEvent).involvedObject?.uid === uid) &&
    (type === undefined || Reflect.get(object, "type") === type)
  );
}

function isLabelled({ metadata }: KubeObject, selector: string): boolean {
  return selector.split(",").every(asked => {
    if (asked.startsWith("!")) return metadata.labels?.[asked.slice(1)] === undefined;
    const [label = "", value] = asked.split("=");
    if (label === "") return true;
    const found = metadata.labels?.[label];
    return value === undefined ? found !== undefined : found === value;
  });
}

/** A merge patch takes fields out by null: here they were not in the status either, or go with the whole. */
function withoutNulls(fields: object): Partial<Claim> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      isRecord(value)
        ? Object.fromEntries(Object.entries(value).filter(([, child]) => child !== null))
        : (value as unknown),
    ]),
  );
}

/** For messages of tests. */
export function nameOf(object: KubeObject): string {
  return `${object.kind} ${keyOf(refOf(object))}`;
}
