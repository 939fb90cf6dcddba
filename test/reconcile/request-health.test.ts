/** What a request of Kratix is told of its database: no more than is so, and by its own claim alone. */
import { annotations } from "../../capabilities/claim/names";
import type { Claim, ClaimStatus } from "../../capabilities/claim/claim";
import type { ApiRequest, ApiResponse } from "../../capabilities/cluster/client";
import { createHealthTelling } from "../../capabilities/cluster/request-health";
import type { KubeObject } from "../../capabilities/kubernetes/objects";
import { healthRecord, isMadeBy, markedRequest } from "../../capabilities/reconcile/request-health";
import { goodClaim } from "../good-claim";

const { namespace = "" } = goodClaim.metadata;
const ref = { name: "orders", namespace: "shop" };

function made(mark: string, generation = "3"): Claim {
  const marks = {
    [annotations.kratixRequest]: mark,
    [annotations.kratixRequestGeneration]: generation,
  };
  return { ...goodClaim, metadata: { ...goodClaim.metadata, annotations: marks } };
}

const claim = made("postgresql/shop/orders");
const request = {
  apiVersion: "marketplace.kratix.io/v1",
  kind: "Postgresql",
  metadata: { ...ref, uid: "of-the-request" },
  status: { claim: { name: goodClaim.metadata.name, namespace } },
};

function status(phase: ClaimStatus["phase"], more: Partial<ClaimStatus> = {}): ClaimStatus {
  const ready = {
    type: "Ready",
    status: phase === "Ready" ? ("True" as const) : ("False" as const),
    reason: "AReason",
    message: "in the words of the claim",
    observedGeneration: 1,
    lastTransitionTime: "2026-11-27T10:00:00Z",
  };
  return { observedGeneration: 1, phase, conditions: [ready], ...more } as ClaimStatus;
}

test.each<readonly [string, ClaimStatus, string]>([
  ["Ready", status("Ready", { instances: 2, readyInstances: 2 }), "healthy"],
  [
    "Ready with an instance missing",
    status("Ready", { instances: 2, readyInstances: 1 }),
    "degraded",
  ],
  ["on its way", status("Provisioning"), "unknown"],
  ["being deleted", status("Deleting"), "unknown"],
  ["waiting for somebody", status("Pending"), "unhealthy"],
  ["failed", status("Failed"), "unhealthy"],
])("a claim that is %s", (_what, of, state) => {
  const marked = { promise: "postgresql", ref };
  expect(healthRecord(claim, of, marked, request)).toMatchObject({
    metadata: { ...ref, ownerReferences: [{ name: "orders", uid: "of-the-request" }] },
    data: {
      promiseRef: { name: "postgresql" },
      resourceRef: { ...ref, generation: 3 },
      state,
      lastRun: Date.parse("2026-11-27T10:00:00Z") / 1000,
      details: { reason: "AReason", message: "in the words of the claim" },
    },
  });
});

test.each(["", "orders", "postgresql/shop", "postgresql//orders", "postgresql/shop/orders/more"])(
  "the mark %j names no request",
  mark => {
    expect(markedRequest(made(mark))).toBeUndefined();
  },
);

test("a generation that is none is left out", () => {
  const marked = { promise: "postgresql", ref };
  const record = healthRecord(
    made("postgresql/shop/orders", "x"),
    status("Ready"),
    marked,
    request,
  );
  expect(record).toMatchObject({ data: { resourceRef: ref } });
  expect(JSON.stringify(record)).not.toContain("generation");
});

test("a claim is a request's where that says so itself", () => {
  expect(isMadeBy(request, claim)).toBe(true);
  const noText = { toString: 1 };
  const others = [{ name: "other", namespace }, "orders", { name: noText, namespace: noText }];
  for (const other of [undefined, ...others]) {
    const told = { ...request, status: { claim: other } } as KubeObject;
    expect(isMadeBy(told, claim)).toBe(false);
  }
});

type Rig = { readonly tell: ReturnType<typeof createHealthTelling>; readonly asked: string[] };

/** Over an API server that has these objects by their paths. */
function rig(objects: Map<string, unknown>, isAllowed = true): Rig {
  const asked: string[] = [];
  const api = async ({ method, path, body }: ApiRequest): Promise<ApiResponse> => {
    const [place = ""] = path.split("?");
    asked.push(`${method} ${place.split("/").slice(-3).join("/")}`);
    if (method === "POST") {
      return Promise.resolve({ code: 201, body: { status: { allowed: isAllowed } } });
    }
    if (method === "PATCH") objects.set(place, body);
    const found = objects.get(place);
    return Promise.resolve(found ? { code: 200, body: found } : { code: 404, body: {} });
  };
  return { tell: createHealthTelling(api, () => 0), asked };
}

const requestPath = "/apis/marketplace.kratix.io/v1/namespaces/shop/postgresqls/orders";
const right = "POST authorization.k8s.io/v1/selfsubjectaccessreviews";
const reads = ["GET shop/postgresqls/orders", "GET shop/healthrecords/orders"];

test("a record is written once for each state", async () => {
  const { tell, asked } = rig(new Map([[requestPath, request]]));
  await tell(claim, status("Ready"));
  expect(asked).toEqual([right, ...reads, "PATCH shop/healthrecords/orders"]);
  asked.length = 0;
  await tell(claim, status("Ready"));
  expect(asked).toEqual(reads);
  await tell(claim, status("Failed"));
  expect(asked.at(-1)).toBe("PATCH shop/healthrecords/orders");
});

test.each<readonly [string, Map<string, unknown>, Claim, readonly string[]]>([
  ["no claim of a request", new Map(), goodClaim, []],
  ["no request of that name", new Map(), claim, [right, "GET shop/postgresqls/orders"]],
  [
    "a request that knows nothing of the claim",
    new Map([[requestPath, { ...request, status: {} }]]),
    claim,
    [right, "GET shop/postgresqls/orders"],
  ],
])("where there is %s nothing is written", async (_what, objects, of, expected) => {
  const { tell, asked } = rig(objects);
  await tell(of, status("Ready"));
  expect(asked).toEqual(expected);
});

test("where the module may not write records nothing else is asked", async () => {
  const { tell, asked } = rig(new Map([[requestPath, request]]), false);
  for (const phase of ["Ready", "Failed"] as const) await tell(claim, status(phase));
  expect(asked).toEqual([right]);
});

test("what fails is told, so that the run is tried again", async () => {
  const tell = createHealthTelling(
    async () => Promise.resolve({ code: 503, body: { message: "away" } }),
    () => 0,
  );
  await expect(tell(claim, status("Ready"))).rejects.toThrow("away");
});
