/** `check` against an API server of a few lines; test/cluster/local/check.test.ts has the real one. */
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { survey } from "../../../cli/check/survey";
import { accessTo } from "../../../sdk/cluster/access";
import { writeKubeconfig } from "../../kubeconfig";
import { typed, type Printed } from "../terminal";
import { deployment, goodCluster, now } from "./good-cluster";

type Reply = { readonly code: number; readonly body: unknown };

let folder = "";
let server: Server;
let replies: Record<string, Reply | "none"> = {};
let asked: string[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "check-"));
  server = createServer(({ url = "", method = "" }, response) => {
    asked.push(`${method} ${url}`);
    const [path = ""] = url.split("?");
    const reply = replies[url] ?? replies[path] ?? { code: 404, body: { message: "not found" } };
    if (reply === "none") return;
    response.writeHead(reply.code, { "content-type": "application/json" });
    response.end(JSON.stringify(reply.body));
  });
  await new Promise<void>(listening => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  const login = { server: `http://127.0.0.1:${port}`, namespace: "team-a", token: "a-token" };
  await writeKubeconfig(join(folder, "config"), login);
  await writeKubeconfig(join(folder, "left-out"), { ...login, namespace: "kube-system" });
  await writeKubeconfig(join(folder, "nobody"), { ...login, server: "http://127.0.0.1:9" });
});

afterAll(async () => {
  server.closeAllConnections();
  await new Promise(closed => server.close(closed));
  await rm(folder, { recursive: true });
});

const apps = "/apis/apps/v1";
const registration = "/apis/admissionregistration.k8s.io/v1";
const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
const reviews = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
const claims = "/apis/database.bizmatters.io/v1alpha1/namespaces/team-a/postgresinstances";
const storage = "/apis/storage.k8s.io/v1/storageclasses";

function body(value: unknown): Reply {
  return { code: 200, body: value };
}

/** The value of what is known to be there in the good cluster. */
function of(seen: object | undefined): unknown {
  return (seen as { value?: unknown } | undefined)?.value;
}

function forbidden(what: string): Reply {
  const message = `${what} is forbidden: User "jane" cannot list resource "${what}" in API group "apps" in the namespace "team-b"`;
  return { code: 403, body: { kind: "Status", message } };
}

const cnpg = deployment("cnpg", "ghcr.io/cloudnative-pg/cloudnative-pg:1.30.0");

beforeEach(() => {
  asked = [];
  const name = "pepr-zero-touch-postgres";
  const known = Object.entries(goodCluster.definitions).filter(([, seen]) => of(seen));
  replies = {
    "/version": body({ gitVersion: "v1.36.3" }),
    [registration]: body({ resources: [{ name: "mutatingadmissionpolicies" }] }),
    ...Object.fromEntries(known.map(([crd, seen]) => [`${definitions}/${crd}`, body(of(seen))])),
    [`${apps}/deployments`]: body({ items: [] }),
    ...Object.fromEntries(
      ["labelSelector=app.kubernetes.io%2Fname%3D", "fieldSelector=metadata.name%3D"].map(query => [
        `${apps}/deployments?${query}cloudnative-pg`,
        body({ items: [cnpg] }),
      ]),
    ),
    [`${apps}/namespaces/pepr-system/deployments/${name}`]: body(of(goodCluster.module.admission)),
    [`${apps}/namespaces/pepr-system/deployments/${name}-watcher`]: body(
      of(goodCluster.module.watcher),
    ),
    [`${registration}/mutatingwebhookconfigurations/${name}`]: body(of(goodCluster.webhooks[0])),
    [`${registration}/validatingwebhookconfigurations/${name}`]: body(of(goodCluster.webhooks[1])),
    [storage]: body({ items: of(goodCluster.storageClasses) }),
    "/apis/database.bizmatters.io/v1alpha1/postgresclasses": body({
      items: of(goodCluster.classes),
    }),
    [reviews]: body({ status: { allowed: true } }),
    [claims]: body({ spec: { version: "16" } }),
  };
});

async function check(config = "config", ...words: readonly string[]): Promise<Printed> {
  return typed(["check", ...words], "", { KUBECONFIG: join(folder, config) });
}

/** What is told of a subject, as the table has it. */
function line({ out }: Printed, subject: string): string {
  const found = out.split("\n").find(one => one.includes(subject)) ?? "";
  return found.replaceAll(/ {2,}/g, " | ");
}

test("a good cluster is fit: exit code 0", async () => {
  const printed = await check();
  expect(printed).toMatchObject({ code: 0, error: "" });
  expect(line(printed, "Webhook")).toBe(
    "ok | Webhook | judges claims (one was made, and not stored)",
  );
  expect(printed.out.split("\n").at(-2)).toMatch(/^fit/);
  expect(printed.out).not.toMatch(/^(problem|not known)/m);
});

test("nothing is changed: claims are tried as a dry run, and rights are asked about", async () => {
  await check();
  const posts = asked.filter(one => !one.startsWith("GET "));
  expect(new Set(posts)).toEqual(
    new Set([`POST ${reviews}?fieldValidation=Strict`, `POST ${claims}?dryRun=All`]),
  );
  expect(asked.filter(one => one.includes("secrets"))).toEqual([]);
});

test("a problem ends it with exit code 1, and says what to do", async () => {
  replies[storage] = body({ items: [] });
  const printed = await check();
  expect(printed.code).toBe(1);
  expect(line(printed, "StorageClass")).toMatch(
    /^problem \| StorageClass \| none is the default: claims get no volumes; annotate one with /,
  );
  expect(printed.out.split("\n").at(-2)).toBe("not fit: 1 problem");
});

test("-o json has the same for programs", async () => {
  replies[storage] = body({ items: [] });
  const { code, out } = await check("config", "-o", "json");
  expect(code).toBe(1);
  const found = JSON.parse(out) as { fit: boolean; findings: readonly object[] };
  expect(found.fit).toBe(false);
  expect(found.findings[0]).toEqual({ subject: "Kubernetes", state: "ok", said: "v1.36.3" });
  expect(found.findings).toContainEqual({
    ...{ subject: "StorageClass", state: "problem" },
    said: "none is the default: claims get no volumes",
    remedy: expect.stringContaining("is-default-class=true") as string,
  });
});

test("what may not be read is not known, in a few words, and never ok", async () => {
  for (const path of Object.keys(replies)) {
    if (path !== "/version") replies[path] = forbidden("storageclasses");
  }
  const printed = await check();
  expect(printed.code).toBe(0);
  const states = printed.out.split("\n").map(one => one.split(/ {2,}/)[0]);
  expect(states.filter(state => state === "ok")).toHaveLength(1);
  expect(line(printed, "StorageClass")).toBe(
    "not known | StorageClass | you may not list storageclasses.apps in team-b",
  );
  expect(line(printed, "Rights")).toMatch(/^not known/);
  expect(printed.out.split("\n").at(-2)).toBe(
    "fit as far as is known; have somebody look who may read all: 10 not known",
  );
});

test("each right is asked about where the caller may not grant what they do not have", async () => {
  replies[reviews] = body({ status: { allowed: false } });
  const printed = await check();
  expect(line(printed, "Rights")).toMatch(
    /^warning \| Rights \| you may not create\/patch\/get\/list\/watch namespaces, /,
  );
  expect(asked.filter(one => one.includes(reviews)).length).toBeGreaterThan(80);
});

test("a webhook that is not reached is a problem, and its path stays unknown", async () => {
  const message = `Internal error occurred: failed calling webhook "admission.database.bizmatters.io": failed to call webhook: Post "https://pepr.svc:443/mutate/0123456789?timeout=10s": dial tcp: connection refused`;
  replies[claims] = { code: 500, body: { message } };
  const printed = await check();
  expect(printed.code).toBe(1);
  expect(line(printed, "Webhook")).toContain('Post "https://pepr.svc:443": dial tcp');
  expect(printed.out).not.toContain("0123456789");
});

test("the claim is tried where Pepr judges: not in kube-system", async () => {
  replies[claims.replace("team-a", "default")] = body({ spec: { version: "16" } });
  expect(line(await check("left-out"), "Webhook")).toMatch(/^ok/);
  expect(asked).toContain(`POST ${claims.replace("team-a", "default")}?dryRun=All`);
});

test("in a namespace that is not there nothing is known of the webhook", async () => {
  const message = 'namespaces "team-a" not found';
  replies[claims] = {
    code: 404,
    body: { message, details: { name: "team-a", kind: "namespaces" } },
  };
  expect(line(await check(), "Webhook")).toBe(
    `not known | Webhook | ${message}; -n NAMESPACE names one where you may make claims`,
  );
});

test("of operators each is told once, however it is found", async () => {
  const printed = await check();
  expect(printed.out.match(/CloudNativePG/g)).toHaveLength(1);
});

test("what is not answered is waited for no longer than is said", async () => {
  replies[storage] = "none";
  const config = { file: join(folder, "config"), context: undefined, env: {} };
  const access = { ...(await accessTo(config)), patience: 600 };
  const { storageClasses, kubernetes } = await survey(access, now);
  expect(storageClasses).toEqual({
    unknown: expect.stringContaining("no answer within 1 s") as string,
  });
  expect(kubernetes).toBe("v1.36.3");
});

test("an API server that is not there is no finding: exit code 3", async () => {
  const { code, out, error } = await check("nobody");
  expect({ code, out }).toEqual({ code: 3, out: "" });
  expect(error).toContain("cannot reach http://127.0.0.1:9");
});
