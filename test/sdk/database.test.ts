/** Databases by function call, against an API server of a few lines; test/cluster/local/sdk.test.ts has the real one. */
import { createServer, type IncomingMessage, type Server } from "node:http";
import { mkdtemp, rm } from "node:fs/promises";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import {
  backupDatabase,
  createDatabase,
  deleteDatabase,
  getDatabase,
  isDatabaseError,
  NotFoundError,
  restoreDatabase,
  waitForDatabase,
} from "../../sdk";
import { writeKubeconfig } from "../kubeconfig";
import { databaseErrorOf } from "./database-error";

const claimPath =
  "/apis/database.bizmatters.io/v1alpha1/namespaces/shop/postgresinstances/postgres-orders";
const secretPath = "/api/v1/namespaces/shop/secrets/postgres-orders-connection";
const orders = { name: "orders", namespace: "shop" };

type Reply = { readonly code: number; readonly body: unknown };
type Asked = { readonly line: string; readonly body: string };

let folder = "";
let kubeconfig = "";
let server: Server;
let reply: (asked: Asked) => Reply | undefined;
let asked: Asked[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "sdk-"));
  kubeconfig = join(folder, "config");
  server = createServer((request, response) => {
    void answered(request).then(found => {
      // Without an answer the connection stays open, as to a server that hangs.
      if (!found) return;
      response.writeHead(found.code, { "content-type": "application/json" });
      response.end(JSON.stringify(found.body));
    });
  });
  await new Promise<void>(listening => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  await writeKubeconfig(kubeconfig, { server: `http://127.0.0.1:${port}` });
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise(closed => server.close(closed));
  await rm(folder, { recursive: true });
});

beforeEach(() => {
  asked = [];
});

async function answered(request: IncomingMessage): Promise<Reply | undefined> {
  const { method = "", url = "" } = request;
  const body = await text(request);
  const one = { line: `${method} ${url}`, body };
  asked.push(one);
  return reply(one);
}

const ok = (body: unknown): Reply => ({ code: 200, body });
const refusal = (code: number, message: string, details = {}): Reply => ({
  code,
  body: { kind: "Status", message, details },
});
const gone = refusal(404, "not found", { name: "postgres-orders" });

function claimThat(status: object, generation = 1): object {
  return {
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresInstance",
    metadata: { name: "postgres-orders", namespace: "shop", uid: "u", generation },
    spec: { databaseName: "orders" },
    status: { observedGeneration: 1, ...status },
  };
}

const condition = (type: string, status: string, reason: string, message: string): object => ({
  ...{ type, status, reason, message, lastTransitionTime: "2026-11-27T00:00:00Z" },
});
const ready = claimThat({
  endpoint: "postgres-orders-rw.shop.svc.cluster.local",
  connectionSecretRef: { name: "postgres-orders-connection", namespace: "shop", uid: "s" },
  conditions: [condition("Ready", "True", "Available", "")],
});
const waiting = claimThat({
  conditions: [condition("Ready", "False", "Provisioning", "the operator is at work")],
});
const stalled = claimThat({
  conditions: [
    condition("Ready", "False", "NotOwned", "a Cluster of this name is somebody else's"),
    condition("Stalled", "True", "NotOwned", "a Cluster of this name is somebody else's"),
  ],
});

const values = {
  username: "orders",
  password: "p@ss",
  uri: "postgresql://orders:p%40ss@there:5432/orders",
};
const secret = {
  kind: "Secret",
  data: Object.fromEntries(
    Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString("base64")]),
  ),
};
const connection = {
  connectionString: values.uri,
  host: "postgres-orders-rw.shop.svc.cluster.local",
  port: 5432,
  database: "orders",
  username: "orders",
  password: "p@ss",
  secret: { name: "postgres-orders-connection", namespace: "shop" },
};

/** The claim as each look finds it, the last one for good. */
function finds(...looks: readonly Reply[]): void {
  let look = 0;
  reply = ({ line }) => {
    if (line === `GET ${secretPath}`) return ok(secret);
    if (!line.startsWith("GET")) return looks[0];
    return looks[Math.min(look++, looks.length - 1)];
  };
}

test("creating applies the claim, tells what it waits for, and gives the connection", async () => {
  finds(ok(waiting), ok(waiting), ok(ready));
  const told: string[] = [];
  const options = { kubeconfig, onProgress: (message: string) => told.push(message) };
  expect(await createDatabase(orders, options)).toEqual(connection);
  const [first] = asked;
  expect(first?.line).toBe(
    `PATCH ${claimPath}?fieldManager=zero-touch-postgres-sdk&fieldValidation=Strict`,
  );
  expect(JSON.parse(first?.body ?? "")).toMatchObject({ spec: { databaseName: "orders" } });
  expect(told).toEqual([
    "shop/postgres-orders waits for Provisioning: the operator is at work",
    "shop/postgres-orders is ready",
  ]);
});

test("a claim on its way out is waited for, and made anew", async () => {
  const { metadata, ...rest } = waiting as { metadata: object };
  const leaving = { ...rest, metadata: { ...metadata, deletionTimestamp: "2026-11-27T00:00:00Z" } };
  const answers = { PATCH: [leaving, waiting].map(ok), GET: [ok(leaving), gone, ok(ready)] };
  reply = ({ line }) => {
    if (line === `GET ${secretPath}`) return ok(secret);
    return answers[line.startsWith("PATCH") ? "PATCH" : "GET"].shift();
  };
  expect(await createDatabase(orders, { kubeconfig })).toEqual(connection);
  expect(asked.map(({ line }) => line.split(" ")[0])).toEqual([
    "PATCH",
    "GET",
    "GET",
    "PATCH",
    "GET",
    "GET",
  ]);
});

test("a claim whose status is of an earlier generation is not believed", async () => {
  finds(
    ok({ ...stalled, metadata: { name: "postgres-orders", namespace: "shop", generation: 2 } }),
    ok(ready),
  );
  expect(await createDatabase(orders, { kubeconfig })).toEqual(connection);
});

test("a claim that needs somebody ends the wait, with its reason and the remedy", async () => {
  finds(ok(stalled));
  expect(await databaseErrorOf(createDatabase(orders, { kubeconfig }))).toMatchObject({
    code: "failed",
    name: "FailedError",
    reason: "NotOwned",
    remedy: expect.stringMatching(/./) as string,
    message: "shop/postgres-orders waits for NotOwned: a Cluster of this name is somebody else's",
  });
});

test("the time ends the wait", async () => {
  finds(ok(waiting));
  expect(await databaseErrorOf(createDatabase(orders, { kubeconfig, timeout: 1 }))).toMatchObject({
    code: "timeout",
    reason: "Provisioning",
  });
});

test("so does the caller, with the reason of its own, though the server says nothing", async () => {
  const controller = new AbortController();
  reply = ({ line }) => {
    if (line.startsWith("PATCH")) return ok(waiting);
    controller.abort(new Error("enough"));
    return undefined;
  };
  await expect(
    createDatabase(orders, { kubeconfig, abortSignal: controller.signal }),
  ).rejects.toThrow("enough");
  await expect(
    createDatabase(orders, { kubeconfig, abortSignal: AbortSignal.abort(new Error("before")) }),
  ).rejects.toThrow("before");
});

test("so does the caller between two looks", async () => {
  finds(ok(waiting));
  const controller = new AbortController();
  const told: string[] = [];
  const onProgress = (message: string): void => {
    told.push(message);
    controller.abort(new Error("enough"));
  };
  const options = { kubeconfig, abortSignal: controller.signal, onProgress };
  await expect(createDatabase(orders, options)).rejects.toThrow("enough");
  expect(told).toHaveLength(1);
});

test.each([
  [
    "a webhook",
    refusal(403, 'admission webhook "x" denied the request: spec.size is "huge"'),
    "refused",
  ],
  ["the schema", refusal(422, "spec.size: Unsupported value"), "refused"],
  ["another owner of a field", refusal(409, "Apply failed with 1 conflict"), "refused"],
  ["missing rights", refusal(403, "postgresinstances is forbidden"), "forbidden"],
  ["a server that has trouble", refusal(503, "etcd has no leader"), "unreachable"],
  [
    "a namespace that is not there",
    refusal(404, "no", { kind: "namespaces", name: "shop" }),
    "notFound",
  ],
  ["a cluster without the module", refusal(404, "the server could not find it"), "notInstalled"],
])("%s refuses, and the error tells", async (_who, answer, code) => {
  reply = () => answer;
  expect((await databaseErrorOf(createDatabase(orders, { kubeconfig }))).code).toBe(code);
});

test("getting one asks once and never waits", async () => {
  finds(ok(ready));
  expect(await getDatabase(orders, { kubeconfig })).toEqual(connection);
  expect(asked.map(({ line }) => line)).toEqual([`GET ${claimPath}`, `GET ${secretPath}`]);
  finds(gone);
  expect((await databaseErrorOf(getDatabase(orders, { kubeconfig }))).code).toBe("notFound");
  finds(ok(waiting));
  expect(await databaseErrorOf(getDatabase(orders, { kubeconfig }))).toMatchObject({
    code: "failed",
  });
});

test("one that somebody else makes is waited for", async () => {
  finds(gone, ok(waiting), ok(ready));
  expect(await waitForDatabase(orders, { kubeconfig })).toEqual(connection);
});

test("deleting ends when the claim is gone, and what is not there is deleted", async () => {
  const leaving = { ...(ready as { metadata: object }) };
  const metadata = { ...leaving.metadata, deletionTimestamp: "2026-11-27T00:00:00Z" };
  finds(ok(waiting), ok({ ...leaving, metadata }), gone);
  const told: string[] = [];
  await deleteDatabase(orders, { kubeconfig, onProgress: message => told.push(message) });
  expect(told.at(-2)).toBe("shop/postgres-orders waits for its deletion");
  expect(asked.map(({ line }) => line.split(" ")[0])).toEqual(["DELETE", "GET", "GET", "GET"]);
  finds(gone);
  await deleteDatabase(orders, { kubeconfig });
});

test("no error has a password in it", async () => {
  reply = ({ line }) =>
    line === `GET ${secretPath}` ? ok({ data: { password: "cEBzcw==" } }) : ok(ready);
  const fault = await databaseErrorOf(createDatabase(orders, { kubeconfig }));
  expect(fault.message).toBe(
    "Secret shop/postgres-orders-connection has no username or no password yet",
  );
  expect(JSON.stringify(fault)).not.toMatch(/p@ss|cEBzcw/);
});

test("an error of another copy of the package is known", () => {
  jest.isolateModules(() => {
    const other = jest.requireActual<{ NotFoundError: new (message: string) => Error }>(
      "../../sdk/errors",
    );
    const fault = new other.NotFoundError("x");
    expect(fault).not.toBeInstanceOf(NotFoundError);
    expect(isDatabaseError(fault)).toBe(true);
  });
  expect(isDatabaseError(new Error("x"))).toBe(false);
});

describe("backups", () => {
  const jobsPath = "/apis/batch/v1/namespaces/shop/jobs";
  const cronJobPath = "/apis/batch/v1/namespaces/shop/cronjobs/postgres-orders-backup";
  const cronJob = {
    apiVersion: "batch/v1",
    kind: "CronJob",
    metadata: { name: "postgres-orders-backup", namespace: "shop", uid: "cron" },
    spec: { jobTemplate: { metadata: { labels: { a: "b" } }, spec: { backoffLimit: 2 } } },
  };

  /** The claim as the module tells of it, by what has been asked. */
  function playing(statusOf: () => object): void {
    reply = ({ line }) => {
      if (line.startsWith(`GET ${cronJobPath}`)) return ok(cronJob);
      if (line.startsWith(`POST ${jobsPath}`)) return { code: 201, body: {} };
      return ok(claimThat(statusOf()));
    };
  }

  type Job = { readonly metadata: { readonly name: string; readonly ownerReferences: unknown } };
  const jobMade = (): Job | undefined => {
    const posted = asked.find(({ line }) => line.startsWith(`POST ${jobsPath}`));
    return posted && (JSON.parse(posted.body) as Job);
  };

  test("one is made by a Job of the CronJob, and its name is given", async () => {
    playing(() => {
      const job = jobMade()?.metadata.name;
      return job === undefined
        ? {}
        : {
            backup: {
              lastSuccess: { job, name: "20261130T030000Z", time: "2026-11-30T03:00:04Z" },
            },
          };
    });
    expect(await backupDatabase(orders, { kubeconfig })).toBe("20261130T030000Z");
    expect(jobMade()).toMatchObject({
      metadata: {
        labels: { a: "b" },
        ownerReferences: [{ kind: "CronJob", name: "postgres-orders-backup", uid: "cron" }],
      },
      spec: { backoffLimit: 2 },
    });
  });

  test("one that fails is thrown, with the words of who knows", async () => {
    playing(() => {
      const job = jobMade()?.metadata.name;
      return job === undefined
        ? {}
        : {
            backup: {
              lastFailure: { job, message: "no space left", time: "2026-11-30T03:00:04Z" },
            },
          };
    });
    expect(await databaseErrorOf(backupDatabase(orders, { kubeconfig }))).toMatchObject({
      code: "failed",
      message: "shop/postgres-orders could not be backed up: no space left",
    });
  });

  test("where the class makes none, this is said", async () => {
    reply = ({ line }) =>
      line.includes("cronjobs") ? refusal(404, "not found") : ok(claimThat({}));
    expect(await databaseErrorOf(backupDatabase(orders, { kubeconfig }))).toMatchObject({
      code: "refused",
      message:
        "claim shop/postgres-orders makes no backups: its class offers none, or spec.backup.enabled is false",
    });
  });

  test("a claim that nobody can follow is not waited for", async () => {
    const invalid = { type: "Ready", status: "False", reason: "Invalid", message: "the rule" };
    playing(() => ({
      conditions: [
        invalid,
        { ...invalid, type: "DatabaseReady" },
        { ...invalid, type: "Stalled", status: "True" },
      ],
    }));
    const { message } = (await databaseErrorOf(backupDatabase(orders, { kubeconfig }))) as Error;
    expect(message).toMatch(/tells nothing of Job \S+: it waits for Invalid: the rule$/);
  });

  test("one is put back by a field of the claim, and what was there before is named", async () => {
    const from = "20261130T030000Z";
    const safety = "20261130T040000Z";
    playing(() =>
      asked.some(({ line }) => line.startsWith("PATCH"))
        ? { restore: { from, state: "Succeeded", restored: from, safety } }
        : {},
    );
    expect(await restoreDatabase(orders, { kubeconfig, from })).toEqual({ restored: from, safety });
    const [patch] = asked.filter(({ line }) => line.startsWith("PATCH"));
    expect(JSON.parse(patch?.body ?? "")).toEqual({ spec: { restore: { from } } });
  });

  test("one that cannot be put back is thrown", async () => {
    const restore = { from: "latest", state: "Failed", message: "there is no backup" };
    playing(() => (asked.some(({ line }) => line.startsWith("PATCH")) ? { restore } : {}));
    expect(
      await databaseErrorOf(restoreDatabase(orders, { kubeconfig, from: "latest" })),
    ).toMatchObject({
      code: "failed",
      message: "shop/postgres-orders could not be put back: there is no backup",
    });
  });
});
