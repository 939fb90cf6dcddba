/** The provisioner of score-k8s: what a resource becomes, and what is refused while generating. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import * as fc from "fast-check";
import { parse } from "yaml";
import { completeClass, instancesOf, sizeOf, storageOf } from "../../../capabilities/claim/class";
import type { Claim } from "../../../capabilities/claim/claim";
import type { PostgresClass } from "../../../capabilities/claim/class";
import { parseClaim } from "../../../capabilities/claim/parse";
import { claimName } from "../../../cli/score/claim-name";
import {
  provision,
  secretReference,
  type Platform,
  type Provisioned,
} from "../../../cli/score/provision";
import { requestIn, type ScoreRequest } from "../../../cli/score/request";
import { typed } from "../terminal";

const project = resolve(__dirname, "../../..");
const anyPlatform: Platform = { className: undefined, classes: undefined };

function request(
  params: Readonly<Record<string, unknown>> = {},
  more: Partial<ScoreRequest> = {},
): ScoreRequest {
  return {
    uid: "postgres.default#shop.db",
    id: "shop.db",
    params,
    namespace: "",
    claim: undefined,
    claims: {},
    ...more,
  };
}

function answered(asked: ScoreRequest, platform: Platform = anyPlatform): Provisioned {
  const answer = provision(asked, platform);
  if (!("manifests" in answer)) throw new Error(JSON.stringify(answer));
  return answer;
}

test("a resource without params is a claim that leaves everything to its class", () => {
  expect(answered(request())).toEqual({
    resource_state: { claim: "shop-db" },
    shared_state: { "zero-touch-postgres": { "shop-db": "postgres.default#shop.db" } },
    resource_outputs: {
      host: "🔐💬shop-db-connection_host💬🔐",
      port: "🔐💬shop-db-connection_port💬🔐",
      name: "🔐💬shop-db-connection_database💬🔐",
      database: "🔐💬shop-db-connection_database💬🔐",
      username: "🔐💬shop-db-connection_username💬🔐",
      password: "🔐💬shop-db-connection_password💬🔐",
      uri: "🔐💬shop-db-connection_uri💬🔐",
      connection_string: "🔐💬shop-db-connection_uri💬🔐",
      database_name: "shop_db",
      cluster_name: "shop-db",
      namespace: "",
      credentials_secret: "shop-db-connection",
    },
    manifests: [
      {
        apiVersion: "database.bizmatters.io/v1alpha1",
        kind: "PostgresInstance",
        metadata: { name: "shop-db" },
        spec: {},
        writeConnectionSecretToRef: { name: "shop-db-connection" },
      },
    ],
  });
});

test.each<readonly [object, object]>([
  [{ version: 16 }, { version: "16" }],
  [
    { version: "17", size: "medium" },
    { version: "17", size: "medium" },
  ],
  [{ replicas: 3 }, { instances: 3 }],
  [{ replicas: "3" }, { instances: 3 }],
  [{ storage: 40 }, { storageGB: 40 }],
  [{ storage: "40Gi" }, { storageGB: 40 }],
  [{ class: "gold" }, { className: "gold" }],
  [{ name: "orders" }, { databaseName: "orders" }],
  [{ db_name: "orders" }, { databaseName: "orders" }],
  [{ team: "shop" }, { teamId: "shop" }],
  [{ team_id: "shop" }, { teamId: "shop" }],
  [{ extensions: ["pg_trgm"] }, { extensions: [{ name: "pg_trgm" }] }],
  [
    { extensions: [{ name: "vector", version: "0.8.0" }] },
    { extensions: [{ name: "vector", version: "0.8.0" }] },
  ],
])("params %j become %j", (params, spec) => {
  expect(answered(request({ ...params })).manifests[0]).toMatchObject({ spec });
});

test.each<readonly [object, string, string]>([
  [{ sise: "small" }, "params.sise", "is not known: there are version, size, replicas,"],
  [{ constructor: 1 }, "params.constructor", "is not known"],
  [{ size: "huge" }, "params.size", 'is "huge", but must be one of small, medium, large'],
  [{ replicas: 0 }, "params.replicas", "is 0, but must be from 1 to 9"],
  [{ storage: "500Mi" }, "params.storage", 'is "500Mi", but must be whole GiB: write "1Gi"'],
  [{ name: "postgres" }, "params.name", 'is "postgres", which PostgreSQL or CloudNativePG keeps'],
  [{ class: "Gold!" }, "params.class", ""],
  [{ class: "gold..silver" }, "params.class", ""],
  [{ extensions: "pg_trgm" }, "params.extensions", "must be of type array"],
  [{ name: "a", db_name: "b" }, "params.name", 'params.db_name, which means the same, for "b"'],
  [{ namespace: "data" }, "params.namespace", "give it to score-k8s generate with --namespace"],
])("params %j are refused: %s %s", (params, field, problem) => {
  const answer = provision(request({ ...params }), anyPlatform);
  expect(answer).toMatchObject([{ field, problem: expect.stringContaining(problem) as string }]);
});

test("a database in another namespace writes its Secret to the workload's", () => {
  const { manifests, resource_outputs: outputs } = answered(
    request({ namespace: "data" }, { namespace: "shop" }),
  );
  expect(manifests[0]).toMatchObject({
    metadata: { namespace: "data" },
    writeConnectionSecretToRef: { name: "shop-db-connection", namespace: "shop" },
  });
  expect(outputs).toMatchObject({ namespace: "data", credentials_secret: "shop-db-connection" });
});

describe("with the class database-team, every size is what the class says", () => {
  const file = join(project, "examples/classes/database-team.yaml");
  const team = parse(readFileSync(file, "utf8")) as PostgresClass;
  const chosen = completeClass(team);
  const platform = { className: "database-team", classes: [team] };

  test.each([
    ["small", "5Gi", 2],
    ["medium", "20Gi", 2],
    ["large", "100Gi", 3],
  ])("%s: %s on %d instances, PostgreSQL 15", (size, storage, instances) => {
    const { manifests } = answered(request({ size }), platform);
    const { claim } = parseClaim(manifests[0]);
    expect(claim.spec).toEqual({ className: "database-team", size });
    expect([storageOf(claim, chosen), instancesOf(claim, chosen)]).toEqual([storage, instances]);
    expect([chosen.versions.default, sizeOf(claim, chosen).instances]).toEqual(["15", instances]);
  });

  test("what its operator cannot do is refused while generating", () => {
    expect(provision(request({ extensions: ["pg_trgm"] }), platform)).toMatchObject([
      { field: "params.extensions" },
    ]);
  });
});

describe("the claim's name", () => {
  test.each<readonly [Partial<ScoreRequest>, RegExp]>([
    [{ id: "shop.db" }, /^shop-db$/],
    [{ id: "orders-data" }, /^orders-data$/],
    [{ id: "shop.my_db" }, /^shop-my-db$/],
    [{ id: "7up.db" }, /^up-db$/],
    [{ id: "42" }, /^db-[0-9a-f]{8}$/],
    [{ id: `shop.${"d".repeat(60)}` }, /^shop-d{36}-[0-9a-f]{8}$/],
    [{ id: "shop.db", claim: "older-name" }, /^older-name$/],
    [{ id: "shop.db", claims: { "shop-db": "postgres.default#shop-db" } }, /^shop-db-[0-9a-f]{8}$/],
    [{ id: "shop.db", claims: { "shop-db": "postgres.default#shop.db" } }, /^shop-db$/],
  ])("of %j is %s", (more, name) => {
    expect(claimName(request({}, more))).toMatch(name);
  });

  test("of any id is one that a claim can have, without the underscore that score-k8s splits at", () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), fc.string(), (id, uid) => {
        const name = claimName(request({}, { id, uid }));
        expect(name).toMatch(/^[a-z]([-a-z0-9]{0,48}[a-z0-9])?$/);
        expect(secretReference(name, "host").split("_")).toHaveLength(2);
      }),
    );
  });
});

test("whatever is asked for, it becomes a claim that fits the schema, or is refused with a field and words", () => {
  const values = fc.oneof(fc.jsonValue(), fc.constantFrom("small", "16", "3", "10Gi", 2));
  const params = fc.dictionary(
    fc.oneof(
      fc.string(),
      fc.constantFrom(
        "version",
        "size",
        "replicas",
        "class",
        "storage",
        "extensions",
        "name",
        "team",
      ),
    ),
    values,
  );
  fc.assert(
    fc.property(params, fc.constantFrom("", "shop"), (asked, namespace) => {
      const answer = provision(request(asked, { namespace }), anyPlatform);
      if ("manifests" in answer) {
        expect(parseClaim(answer.manifests[0]).faults).toEqual([]);
        return;
      }
      expect(answer.length).toBeGreaterThan(0);
      for (const { field, problem } of answer)
        expect(field.length * problem.length).toBeGreaterThan(0);
    }),
  );
});

describe("the command", () => {
  const asked = JSON.stringify({
    resource_uid: "postgres.default#shop.db",
    resource_id: "shop.db",
    resource_params: null,
    namespace: "",
    shared_state: {},
  });

  test("answers score-k8s on standard output", async () => {
    const { code, out, error } = await typed(["score", "--class", "gold"], asked);
    expect({ code, error }).toEqual({ code: 0, error: "" });
    const { manifests } = JSON.parse(out) as Provisioned;
    expect((manifests[0] as unknown as Claim).spec).toEqual({ className: "gold" });
  });

  test("fails with every fault, so that nothing is generated", async () => {
    const bad = asked.replace("null", '{"size":"huge","sise":1}');
    const { code, out, error } = await typed(["score"], bad);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(error).toContain("resource postgres.default#shop.db: params.sise is not known");
  });

  test.each(["", "nonsense", "[]", '{"resource_uid":1}'])(
    "%j is none of score-k8s",
    async input => {
      const { code, error } = await typed(["score"], input);
      expect(code).toBe(2);
      expect(error).toContain("docs/score.md");
    },
  );
});

test("names nobody knows are no request", () => {
  expect(
    requestIn(
      '{"resource_uid":"a","resource_id":"b","shared_state":{"zero-touch-postgres":{"x":1,"y":"z"}}}',
    ),
  ).toEqual({
    ...{ uid: "a", id: "b", params: {}, namespace: "", claim: undefined },
    claims: { y: "z" },
  });
});
