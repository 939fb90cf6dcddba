/** The entry by which the API server calls admission, while builds of the module come and go. */
import type { ApiClient } from "../capabilities/cluster/client";
import { besideOf, injectionEntry } from "../capabilities/pepr/entries-beside";
import {
  entryName,
  entryPatch,
  entryPath,
  type Webhook,
  type WebhookConfiguration,
} from "../capabilities/pepr/webhook-entry";

/** Of six builds; the first is valid for a day only. */
const certificates = [
  "MIIBcTCCARegAwIBAgIUch/tQAMlz9Mo2fFTUl6TSdO7FoAwCgYIKoZIzj0EAwIwDjEMMAoGA1UEAwwDb2xkMB4XDTI2MTEyMTE2NTQxOFoXDTI2MTEyMjE2NTQxOFowDjEMMAoGA1UEAwwDb2xkMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEFbCnusItHNr0kehgKjNSsVWPRnghYI14gez4xoI3MZ4QsTuscpV/xWN0FjptjGT5TVKhJBxesxO/Ccttk9kbF6NTMFEwHQYDVR0OBBYEFBz+VP6s3CzBWHnpvlKif9Wa26MZMB8GA1UdIwQYMBaAFBz+VP6s3CzBWHnpvlKif9Wa26MZMA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDSAAwRQIhAJZCVOuPq+tUkqWnoL2geOf6z1GCkmAhvImGf7MgF2JrAiAgGc1CPtnkzyXwfvYm/MR+cROVYXXPr9AqwdtmyaCS/A==",
  "MIIBeTCCAR+gAwIBAgIUH3AWx25WUZSg9ouFQqiJWMyv5fYwCgYIKoZIzj0EAwIwEjEQMA4GA1UEAwwHYnVpbGQtMTAeFw0yNjExMjExNjU0MThaFw0zNjExMTgxNjU0MThaMBIxEDAOBgNVBAMMB2J1aWxkLTEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAATKEz4TbkwbzL+ElggdE2ElB3C/1w2YggettZuneBapRVWTqfMnzV13iWgg9SXhpL5SSD+/udcZSblasa/bWT89o1MwUTAdBgNVHQ4EFgQUMBD+19HMIKaCg82ScbzEnnwgPzQwHwYDVR0jBBgwFoAUMBD+19HMIKaCg82ScbzEnnwgPzQwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEA9+qCowRAgOGrjAkSk+Y3MH/ZSIUieUZbaXzYFxRtz3oCIHPa4RBTLUuYN8BmQnBOP3sC4f8g/Rdg7lcoqYuJkYZ/",
  "MIIBeTCCAR+gAwIBAgIUTuFxEIS55pw1vIBCmu1YvZT9QG0wCgYIKoZIzj0EAwIwEjEQMA4GA1UEAwwHYnVpbGQtMjAeFw0yNjExMjExNjU0MThaFw0zNjExMTgxNjU0MThaMBIxEDAOBgNVBAMMB2J1aWxkLTIwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASRGwlTgtTFnWSsqsT/dDED6rMC6DlfYkRPxFZ7uXF6SkFnGByaCA2LEuMaO591Yj/uM2o7ds/yhHfAc5pEDID0o1MwUTAdBgNVHQ4EFgQUzLHJ2PG8J2Ua3GnvmOHPi8O7fi8wHwYDVR0jBBgwFoAUzLHJ2PG8J2Ua3GnvmOHPi8O7fi8wDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiAQa0mzSMt7keQl5sTpmc0o+4N496ksiprsubsHugCYAwIhAOYEMeHDUeu53ePBFLZ6n6jWD7VHzbW2nl7DotcXUmaT",
  "MIIBeTCCAR+gAwIBAgIUVbIB626S4JGdBfzieSyL9Hk0V5QwCgYIKoZIzj0EAwIwEjEQMA4GA1UEAwwHYnVpbGQtMzAeFw0yNjExMjExNjU0MThaFw0zNjExMTgxNjU0MThaMBIxEDAOBgNVBAMMB2J1aWxkLTMwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARHX2GbJftfjzUpW//+JQa7F2dGH1SQIZsRJS51OjcGOYf1uzY/Y0Rc6jr5uImJ1VGkpaVStsCo5ypqvplzcHvfo1MwUTAdBgNVHQ4EFgQUk+K7uiEIffurYJcShYS6U6248vowHwYDVR0jBBgwFoAUk+K7uiEIffurYJcShYS6U6248vowDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiBj9gco9pVqXJsBcKNcP6afwVeAQJKJkrn7dFwGttcSUQIhAObCiqDy3/DUigGLAORiY9+mMpZz0DCOpznsgyAxi1XI",
  "MIIBejCCAR+gAwIBAgIUD1ksDpvZu1h0QKhvkxANB/3BylkwCgYIKoZIzj0EAwIwEjEQMA4GA1UEAwwHYnVpbGQtNDAeFw0yNjExMjExNjU0MThaFw0zNjExMTgxNjU0MThaMBIxEDAOBgNVBAMMB2J1aWxkLTQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARd1qkOr6mP+0Khz6l24hCvxx8nShyBpsdbQLjp4lw+a0FDoDC2CWZkYDKg6H2MQAND46vO4JvkCGAdLLLHK1pFo1MwUTAdBgNVHQ4EFgQUH6OZe+ynB/lyZAh4BYXgCuiT7ucwHwYDVR0jBBgwFoAUH6OZe+ynB/lyZAh4BYXgCuiT7ucwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEA6bgn/I7/G6o/q3O2D32r5WJtRqLn9/tNj0bekVb8dXkCIQDRL3JdZwYQC7kuNEHO+3pWSiuCCgFdVUoompgDshsMmQ==",
  "MIIBeTCCAR+gAwIBAgIUEX/Jrqbr9DGaF1us5ch609No3EEwCgYIKoZIzj0EAwIwEjEQMA4GA1UEAwwHYnVpbGQtNTAeFw0yNjExMjExNjU0MThaFw0zNjExMTgxNjU0MThaMBIxEDAOBgNVBAMMB2J1aWxkLTUwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASkwVwqO9yyCZCe2lMpi+795Z/qqf6zA4XZIfc4qRdexrpvcgW9vNHPsZSSQmwdp8KRI0y+8lADWgJkqz867IeRo1MwUTAdBgNVHQ4EFgQULcYoY3y4szACzgyXavt08B9EKoAwHwYDVR0jBBgwFoAULcYoY3y4szACzgyXavt08B9EKoAwDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBFAiEAolM6PeZ3wzuWcSNcKEur0IEL0r+rp35EGNBI6InSRGECIGbeuvU/LhDNpxgJO1lKENy45uD0rgc1rncCbb0gAXt+",
].map(
  text =>
    `-----BEGIN CERTIFICATE-----\n${text.replaceAll(/(.{64})/g, "$1\n").trim()}\n-----END CERTIFICATE-----\n`,
);
const [old = "", first = "", second = "", third = "", fourth = "", fifth = ""] = certificates;

const now = new Date("2030-01-01");
const day = new Date("2026-11-21T12:00:00Z");

const generated = (build: string): Webhook & { readonly rules: readonly string[] } => ({
  name: "pepr-zero-touch-postgres.pepr.dev",
  clientConfig: { caBundle: "Q0E=", service: { path: `/mutate/${build}` } },
  objectSelector: {},
  rules: [`rules of ${build}`],
});

const configuration = (...webhooks: readonly Webhook[]): WebhookConfiguration => ({
  apiVersion: "admissionregistration.k8s.io/v1",
  kind: "MutatingWebhookConfiguration",
  metadata: { name: "pepr-zero-touch-postgres", resourceVersion: "7" },
  webhooks,
});

/** As server-side apply does: by name, field by field; `pepr deploy` sets its own entry but for the selector. */
function applied(
  found: WebhookConfiguration,
  patch: Pick<WebhookConfiguration, "webhooks"> | undefined,
): WebhookConfiguration {
  const entries = new Map((found.webhooks ?? []).map(one => [one.name, one]));
  for (const one of patch?.webhooks ?? []) {
    entries.set(one.name, { ...entries.get(one.name), ...one });
  }
  return { ...found, webhooks: [...entries.values()] };
}

const notAsked: ApiClient = () => Promise.reject(new Error("nothing is asked for"));
const alone = (at: Date) => ({ now: at, beside: () => [] });
const filling = { now, beside: (entry: Webhook) => [injectionEntry(entry)] };

const joined = (found: WebhookConfiguration, certificate: string, at = now): WebhookConfiguration =>
  applied(found, entryPatch(found, certificate, alone(at)) as never);

function deployed(found: WebhookConfiguration, build: string): WebhookConfiguration {
  const { name, clientConfig, rules } = generated(build);
  const entry: ReturnType<typeof generated> = { name, clientConfig, rules };
  return applied(found, { webhooks: [entry] });
}

function entryOf({ webhooks = [] }: WebhookConfiguration): Webhook | undefined {
  return webhooks.find(({ name }) => name === entryName);
}

function trusted(found: WebhookConfiguration): string {
  return Buffer.from(entryOf(found)?.clientConfig.caBundle ?? "", "base64").toString();
}

test("the first pod makes Pepr's entry match nothing, and ours like it", () => {
  const found = joined(configuration(generated("one")), first);
  expect(found.webhooks).toEqual([
    {
      ...generated("one"),
      objectSelector: {
        matchExpressions: [
          { key: "database.bizmatters.io/never", operator: "Exists" },
          { key: "database.bizmatters.io/never", operator: "DoesNotExist" },
        ],
      },
    },
    {
      ...generated("one"),
      name: "admission.database.bizmatters.io",
      matchConditions: [
        {
          name: "not-on-its-way-out",
          expression: "object == null || !has(object.metadata.deletionTimestamp)",
        },
        {
          name: "deletes-no-claim-that-may-go",
          expression:
            "request.operation != 'DELETE' || !(request.kind.kind in ['PostgresInstance', 'PostgresDatabase']) || (has(oldObject.spec) && (has(oldObject.spec.share) || (has(oldObject.spec.deletionProtection) && oldObject.spec.deletionProtection)))",
        },
      ],
      clientConfig: {
        service: { path: "/mutate/one" },
        caBundle: Buffer.from(first).toString("base64"),
      },
    },
  ]);
});

test("nothing is written for a pod that is trusted already", () => {
  const found = joined(configuration(generated("one")), first);
  expect(entryPatch(found, first, alone(now))).toBeUndefined();
});

test("another build is trusted beside those before it, and called by the path that they know", () => {
  const before = joined(configuration(generated("one")), first);
  const after = joined(deployed(before, "two"), second);
  expect(trusted(after)).toBe(first + second);
  expect(entryPath(after)).toBe("/mutate/one");
  expect(entryOf(after)).toMatchObject({ rules: ["rules of two"] });
});

test("a deployment alone changes neither whom the API server trusts nor the path", () => {
  const before = joined(configuration(generated("one")), first);
  const meanwhile = deployed(before, "two");
  expect(entryOf(meanwhile)).toEqual(entryOf(before));
  expect(meanwhile.webhooks?.[0]?.objectSelector).toEqual(before.webhooks?.[0]?.objectSelector);
});

test("the certificates of the last four builds are trusted", () => {
  const found = [first, second, third, fourth, fifth].reduce(
    (before, certificate) => joined(before, certificate),
    configuration(generated("one")),
  );
  expect(trusted(found)).toBe(second + third + fourth + fifth);
});

test("a certificate that is over is trusted no longer", () => {
  const before = joined(configuration(generated("one")), old, day);
  expect(trusted(joined(before, first, day))).toBe(old + first);
  expect(trusted(joined(before, first, now))).toBe(first);
});

test("configurations that were replaced as a whole get our entry again", () => {
  const found = joined(configuration(generated("two")), first);
  expect(entryPath(found)).toBe("/mutate/two");
  expect(trusted(found)).toBe(first);
});

test("what is written is refused if someone else has written meanwhile", () => {
  const patch = entryPatch(configuration(generated("one")), first, alone(now));
  expect(patch?.metadata).toEqual({ name: "pepr-zero-touch-postgres", resourceVersion: "7" });
});

test("a webhook that is called by URL, as with pepr dev, stays as it is", () => {
  const byUrl = { ...generated("one"), clientConfig: { caBundle: "Q0E=" } };
  expect(entryPatch(configuration(byUrl), first, alone(now))).toBeUndefined();
  expect(entryPatch(configuration(), first, alone(now))).toBeUndefined();
});

test("where the API server fills no pods by itself, those that ask in namespaces that opted in are sent to the same pods", () => {
  const patch = entryPatch(configuration(generated("one")), first, filling);
  const [, ours, injection] = patch?.webhooks ?? [];
  expect(injection).toEqual({
    name: "injection.database.bizmatters.io",
    clientConfig: ours?.clientConfig,
    rules: [{ apiGroups: [""], apiVersions: ["v1"], operations: ["CREATE"], resources: ["pods"] }],
    namespaceSelector: { matchLabels: { "database.bizmatters.io/inject": "true" } },
    objectSelector: {},
    matchConditions: [expect.objectContaining({ name: "asks-for-databases" })],
    failurePolicy: "Ignore",
    timeoutSeconds: 2,
    reinvocationPolicy: "IfNeeded",
  });
});

test("nothing is written where that entry is there, and it goes once the API server fills pods by itself", () => {
  const found = configuration(generated("one"));
  const filled = applied(found, entryPatch(found, first, filling) as never);
  expect(entryPatch(filled, first, filling)).toBeUndefined();
  const patch = entryPatch(filled, first, alone(now));
  expect(patch?.webhooks.map(({ name }) => name)).toEqual([
    "pepr-zero-touch-postgres.pepr.dev",
    "admission.database.bizmatters.io",
  ]);
});

test.each([
  ["Kubernetes 1.35", ["validatingadmissionpolicies"], ["injection.database.bizmatters.io"]],
  ["Kubernetes 1.36", ["validatingadmissionpolicies", "mutatingadmissionpolicies"], []],
])("what is called beside admission on %s", async (_title, served, names) => {
  const asked: string[] = [];
  const api: ApiClient = ({ path }) => {
    asked.push(path);
    const body = { resources: served.map(name => ({ name })) };
    return Promise.resolve({ code: 200, body });
  };
  const beside = await besideOf(api, "mutatingwebhookconfigurations");
  expect(beside(generated("one")).map(({ name }) => name)).toEqual(names);
  expect(asked).toEqual(["/apis/admissionregistration.k8s.io/v1"]);
});

test("namespaces are judged before they are deleted, and go where nobody answers", async () => {
  const beside = await besideOf(notAsked, "validatingwebhookconfigurations");
  const patch = entryPatch(configuration(generated("one")), first, { now, beside });
  const [, ours, namespaces] = patch?.webhooks ?? [];
  expect(namespaces).toEqual({
    name: "namespaces.database.bizmatters.io",
    clientConfig: ours?.clientConfig,
    rules: [
      { apiGroups: [""], apiVersions: ["v1"], operations: ["DELETE"], resources: ["namespaces"] },
    ],
    ...{ namespaceSelector: {}, objectSelector: {} },
    matchConditions: [expect.objectContaining({ name: "not-on-its-way-out" })],
    failurePolicy: "Ignore",
    timeoutSeconds: 5,
  });
});

test("an API server that does not tell what it serves is a fault", async () => {
  const api: ApiClient = () => Promise.resolve({ code: 503, body: { message: "not now" } });
  await expect(besideOf(api, "mutatingwebhookconfigurations")).rejects.toThrow("not now");
});
