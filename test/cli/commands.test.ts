/** The commands that ask a cluster, against an API server of a few lines; test/cluster/stories/command-line.test.ts has the real one. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import type { Claim, ClaimStatus } from "../../capabilities/claim/claim";
import { withFields } from "../good-claim";
import { writeKubeconfig } from "../kubeconfig";
import { typed, type Printed } from "./terminal";

const base = "/apis/database.bizmatters.io/v1alpha1";
const claimPath = `${base}/namespaces/team-a/postgresinstances/orders-db`;

type Reply = { readonly code: number; readonly body: unknown };

let folder = "";
let server: Server;
let replies: Record<string, Reply | (() => Reply)> = {};
let asked: { readonly path: string; readonly authorization: string | undefined }[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "cluster-"));
  server = createServer(({ url = "", headers }, response) => {
    const [path = ""] = url.split("?");
    asked.push({ path: url, authorization: headers.authorization });
    const reply = replies[path] ?? missing(path.split("/").at(-1) ?? "");
    const { code, body } = typeof reply === "function" ? reply() : reply;
    response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
  });
  await new Promise<void>(listening => server.listen(0, "127.0.0.1", listening));
  await kubeconfigFor((server.address() as AddressInfo).port);
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise(closed => server.close(closed));
  await rm(folder, { recursive: true });
});

beforeEach(() => {
  replies = {};
  asked = [];
});

async function kubeconfigFor(port: number, name = "config"): Promise<void> {
  const login = { server: `http://127.0.0.1:${port}`, namespace: "team-a", token: "secret-token" };
  await writeKubeconfig(join(folder, name), login);
}

function missing(name: string): Reply {
  return { code: 404, body: { message: "not found", details: { name } } };
}

async function command(...words: readonly string[]): Promise<Printed> {
  return typed(words, "", { KUBECONFIG: join(folder, "config") });
}

function claimSaying(
  reason: string,
  status: "True" | "False",
  more: Partial<ClaimStatus> = {},
): Claim {
  const condition = {
    type: "Ready",
    status,
    reason,
    message: `the words of ${reason}`,
    lastTransitionTime: "2026-01-01T00:00:00Z",
  };
  return withFields({
    status: { observedGeneration: 1, phase: "Provisioning", conditions: [condition], ...more },
  });
}

const ready = claimSaying("Available", "True", {
  phase: "Ready",
  endpoint: "orders-db-rw.team-a.svc.cluster.local",
  binding: { name: "orders-postgres" },
  connectionSecretRef: { name: "orders-postgres", namespace: "team-a", uid: "u" },
});

function table(...claims: readonly Claim[]): Reply {
  const columnDefinitions = [
    { name: "Name", priority: 0 },
    { name: "Phase", priority: 0 },
    { name: "Reason", priority: 1 },
  ];
  const rows = claims.map(object => ({
    cells: [object.metadata.name, object.status?.phase, "hidden"],
    object,
  }));
  return { code: 200, body: { columnDefinitions, rows } };
}

describe("get", () => {
  test("prints the server's columns and what each claim waits for", async () => {
    replies[`${base}/namespaces/team-a/postgresinstances`] = table(ready, {
      ...claimSaying("NotOwned", "False"),
      metadata: { ...ready.metadata, name: "users-db" },
    });
    expect(await command("get")).toEqual({
      code: 0,
      error: "",
      out: [
        "NAME        PHASE          WAITS FOR",
        "orders-db   Ready",
        "users-db    Provisioning   NotOwned: the words of NotOwned",
        "",
      ].join("\n"),
    });
    expect(asked[0]?.authorization).toBe("Bearer secret-token");
  });

  test("with -A has the namespace too", async () => {
    replies[`${base}/postgresinstances`] = table(ready);
    expect((await command("get", "-A")).out).toMatch(/^NAMESPACE +NAME.*\nteam-a +orders-db/);
  });

  test("tells names that are not there, with exit code 1", async () => {
    replies[`${base}/namespaces/team-a/postgresinstances`] = table(ready);
    const { code, out, error } = await command("get", "orders-db", "users-db");
    expect({ code, error }).toEqual({ code: 1, error: "there is no claim team-a/users-db\n" });
    expect(out).toContain("orders-db");
  });

  test("has databases in shared instances in a table of their own, by kubectl's name", async () => {
    const database = {
      ...ready,
      kind: "PostgresDatabase",
      metadata: { ...ready.metadata, name: "orders" },
    };
    replies[`${base}/namespaces/team-a/postgresinstances`] = table(ready);
    replies[`${base}/namespaces/team-a/postgresdatabases`] = table(database as typeof ready);
    expect((await command("get")).out).toMatch(/orders-db +Ready\n\nNAME[^]*\norders +Ready/);
    expect((await command("get", "pgdb/orders")).out).not.toContain("orders-db");
    expect(await command("get", "pgdb/orders-db")).toMatchObject({
      code: 1,
      error: "no claims in namespace team-a\nthere is no PostgresDatabase team-a/orders-db\n",
    });
    expect((await command("get", "pod/orders")).error).toContain(
      '"pod/orders" names no claim: write NAME or pgi/NAME for a PostgresInstance, pgdb/NAME for a PostgresDatabase',
    );
  });

  test("says so if the cluster knows no claims", async () => {
    replies[`${base}/namespaces/team-a/postgresinstances`] = { code: 404, body: {} };
    const { code, error } = await command("get");
    expect(code).toBe(3);
    expect(error).toContain("does not know PostgresInstance: is the module installed?");
  });
});

test("status tells all conditions", async () => {
  replies[claimPath] = { code: 200, body: ready };
  const { code, out } = await command("status", "orders-db");
  expect(code).toBe(0);
  expect(out).toMatch(/^Waits for +nothing$/m);
  expect(out).toMatch(/^Secret +team-a\/orders-postgres$/m);
  expect(out).toMatch(/^Ready +True +Available +2026-01-01T00:00:00Z +the words of Available$/m);
});

test.each(["status", "outputs"])("%s of a claim that is not there is refused", async name => {
  expect(await command(name, "orders-db")).toEqual({
    code: 1,
    out: "",
    error: "zero-touch-postgres: there is no claim team-a/orders-db\n",
  });
});

const secretPath = "/api/v1/namespaces/team-a/secrets/orders-postgres";

function secretWith(values: Readonly<Record<string, string>>): Reply {
  const data = Object.entries(values).map(([key, value]) => [
    key,
    Buffer.from(value).toString("base64"),
  ]);
  return { code: 200, body: { data: Object.fromEntries(data) as unknown } };
}

const told = {
  endpoint: "orders-db-rw.team-a.svc.cluster.local",
  host: "orders-db-rw.team-a.svc.cluster.local",
  port: 5432,
  database: "orders_db",
  database_name: "orders_db",
  username: "orders_db",
  secret: "orders-postgres",
  credentials_secret: "orders-postgres",
  secretNamespace: "team-a",
  cluster_name: "orders-db",
  namespace: "team-a",
};

describe("outputs", () => {
  test("tells how to connect and asks for no Secret", async () => {
    replies[claimPath] = { code: 200, body: ready };
    const { out } = await command("outputs", "orders-db", "-o", "json");
    expect(JSON.parse(out)).toEqual(told);
    expect(parse((await command("outputs", "orders-db", "-o", "yaml")).out)).toEqual(told);
    expect(asked.map(({ path }) => path)).toEqual([claimPath, claimPath]);
  });

  test("--show-secrets reads the Secret, says so, and has what a pipeline hands on", async () => {
    const uri = "postgresql://orders_db:p%40ss@host:5432/orders_db";
    replies[claimPath] = { code: 200, body: ready };
    replies[secretPath] = secretWith({ username: "orders_db", password: "p@ss", uri });
    const words = ["outputs", "orders-db", "--show-secrets"];
    const { out, error } = await command(...words, "-o", "json");
    expect(JSON.parse(out)).toEqual({ ...told, password: "p@ss", connection_string: uri });
    expect(error).toBe(
      "reading Secret team-a/orders-postgres: what follows has a password in it\n",
    );
    expect((await command(...words)).out).toMatch(/^password +p@ss$/m);
  });

  test("--show-secrets composes the URI where the Secret is the operator's, whose own may be of an earlier password", async () => {
    const { conditions = [], endpoint = "" } = ready.status ?? {};
    const binding = { name: "orders-postgres" };
    const status = { observedGeneration: 1, conditions, endpoint, binding };
    replies[claimPath] = { code: 200, body: { ...ready, status } };
    const uri = "postgresql://orders_db:earlier@host:5432/orders_db";
    replies[secretPath] = secretWith({ username: "orders_db", password: "p@ss", uri });
    const { out } = await command("outputs", "orders-db", "--show-secrets", "-o", "json");
    expect(JSON.parse(out)).toMatchObject({
      connection_string: `postgresql://orders_db:p%40ss@${endpoint}:5432/orders_db`,
    });
  });

  test.each<readonly [string, Reply | undefined, string]>([
    ["is not there", undefined, "there is no Secret team-a/orders-postgres"],
    ["is empty", { code: 200, body: {} }, "has no username or no password yet"],
  ])("--show-secrets of a Secret that %s is refused", async (_title, reply, words) => {
    replies[claimPath] = { code: 200, body: ready };
    if (reply) replies[secretPath] = reply;
    const { code, out, error } = await command("outputs", "orders-db", "--show-secrets");
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(error).toContain(words);
  });

  test("-o env names the keys of our Secret; the operator's may have credentials alone", async () => {
    replies[claimPath] = { code: 200, body: ready };
    expect((await command("outputs", "orders-db", "-o", "env")).out).toMatch(
      /- name: PGHOST\n {4}valueFrom:\n {6}secretKeyRef:\n {8}name: orders-postgres\n {8}key: endpoint\n/,
    );
    const { conditions = [], endpoint = "" } = ready.status ?? {};
    const status = { observedGeneration: 1, conditions, endpoint };
    const binding = { name: "orders-db-app" };
    replies[claimPath] = { code: 200, body: { ...ready, status: { ...status, binding } } };
    expect((await command("outputs", "orders-db", "-o", "env")).out).toContain(
      `- name: PGDATABASE\n    value: orders_db\n`,
    );
  });

  test("tells no user name that only the Secret knows", async () => {
    const spec = { credentialsSecretName: "brought" };
    replies[claimPath] = { code: 200, body: { ...ready, spec } };
    const { out } = await command("outputs", "orders-db", "-o", "json");
    expect(JSON.parse(out)).not.toHaveProperty("username");
    expect(JSON.parse(out)).toMatchObject({ database: "orders_db", secret: "orders-postgres" });
    expect((await command("outputs", "orders-db")).out).toMatch(/^username +in the Secret$/m);
    const owned = { ...spec, databaseOwner: "orders_user" };
    replies[claimPath] = { code: 200, body: { ...ready, spec: owned } };
    expect((await command("outputs", "orders-db")).out).toMatch(/^username +orders_user$/m);
  });

  test("of a claim that brings its credentials and asks for no Secret takes only them from there", async () => {
    const { conditions = [], endpoint = "" } = ready.status ?? {};
    const status = { observedGeneration: 1, conditions, endpoint };
    const spec = { credentialsSecretName: "brought" };
    replies[claimPath] = { code: 200, body: { ...ready, spec, status } };
    expect(await command("outputs", "orders-db", "-o", "env")).toEqual({
      code: 0,
      error: "",
      out: [
        "env:",
        "  - name: PGHOST",
        "    value: orders-db-rw.team-a.svc.cluster.local",
        "  - name: PGPORT",
        '    value: "5432"',
        "  - name: PGDATABASE",
        "    value: orders_db",
        "  - name: PGUSER",
        "    valueFrom:",
        "      secretKeyRef:",
        "        name: brought",
        "        key: username",
        "  - name: PGPASSWORD",
        "    valueFrom:",
        "      secretKeyRef:",
        "        name: brought",
        "        key: password\n",
      ].join("\n"),
    });
  });

  test("of a claim that has none yet says what it waits for", async () => {
    replies[claimPath] = { code: 200, body: claimSaying("Provisioning", "False") };
    const { code, error } = await command("outputs", "orders-db");
    expect(code).toBe(1);
    expect(error).toContain("it waits for Provisioning: the words of Provisioning");
  });
});

describe("wait", () => {
  test("ends when the claim is ready, and tells what it waited for", async () => {
    const states = [missing("orders-db"), claimSaying("Provisioning", "False"), ready].map(body =>
      "code" in body ? body : { code: 200, body },
    );
    replies[claimPath] = () => (states.length > 1 ? states.shift() : states[0]) ?? missing("");
    const { code, error } = await command("wait", "orders-db", "--timeout", "60s");
    expect(code).toBe(0);
    expect(error).toBe(
      [
        "team-a/orders-db is not there yet",
        "team-a/orders-db waits for Provisioning: the words of Provisioning",
        "team-a/orders-db is ready\n",
      ].join("\n"),
    );
  });

  test("a status of an older generation does not count", async () => {
    const changed = { ...ready, metadata: { ...ready.metadata, generation: 2 } };
    replies[claimPath] = { code: 200, body: changed };
    const { code, error } = await command("wait", "orders-db", "--timeout", "0");
    expect(code).toBe(4);
    expect(error).toContain("waits for the module to take note of it");
  });

  test("ends in time though the API server takes the connection and says nothing", async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>(listening => silent.listen(0, "127.0.0.1", listening));
    await kubeconfigFor((silent.address() as AddressInfo).port, "silent");
    try {
      const kubeconfig = join(folder, "silent");
      const words = ["wait", "orders-db", "--timeout", "1s", "--kubeconfig", kubeconfig];
      const { code, error } = await command(...words);
      expect(code).toBe(4);
      expect(error).toMatch(/team-a\/orders-db: the time is over; .*no answer within 1 s\n$/);
    } finally {
      silent.closeAllConnections();
      await new Promise(closed => silent.close(closed));
    }
  });

  test("--for delete does not take a page of a proxy for a claim that is gone", async () => {
    replies[claimPath] = { code: 200, body: undefined };
    const { code, error } = await command("wait", "orders-db", "--for", "delete");
    expect(code).toBe(3);
    expect(error).toContain("answers 200 without an object: is it a Kubernetes API server?");
  });

  test("--for delete ends when it is gone", async () => {
    expect((await command("wait", "orders-db", "--for", "delete")).error).toBe(
      "team-a/orders-db is gone\n",
    );
  });

  test("a time that is none is an error of usage", async () => {
    const { code, error } = await command("wait", "orders-db", "--timeout", "soon");
    expect(code).toBe(2);
    expect(error).toContain('--timeout is "soon", but must be a number with s, m or h');
  });
});

test("an API server that refuses or is not there is named, and the token is not", async () => {
  replies[claimPath] = { code: 403, body: { message: "you may not" } };
  const refused = await command("status", "orders-db");
  expect(refused.error).toMatch(/^zero-touch-postgres: http:\/\/127.* refused: you may not\n$/);
  await kubeconfigFor(1, "nowhere");
  const words = ["status", "orders-db", "--kubeconfig", join(folder, "nowhere")];
  const { code, error } = await typed(words);
  expect(code).toBe(3);
  expect(error).toContain("cannot reach http://127.0.0.1:1: connect ECONNREFUSED");
  expect(refused.error + error).not.toContain("secret-token");
});
