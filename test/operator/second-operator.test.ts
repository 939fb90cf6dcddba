/** Nothing outside `operator/` changes for an operator that differs from the first in every assumption: `tiny.ts` says in which. */
import type { Claim } from "../../capabilities/claim/claim";
import { claimKind } from "../../capabilities/claim/names";
import {
  refOf,
  secretResource,
  type Resource,
  type Secret,
} from "../../capabilities/kubernetes/objects";
import { createFakeKube, type FakeKube } from "../fake-kube";
import { createFakeServer, resources, type FakeServer } from "../fake-server";
import { admitted, wanted } from "../reconcile/bench";
import { refTo, tinyResource, type TinyDatabase } from "./tiny";
import type * as Tiny from "./tiny";

/** Stands in the table in place of the first. */
jest.mock("../../capabilities/operator/operators", () => ({
  operators: { cnpg: jest.requireActual<typeof Tiny>("./tiny").tiny },
}));

beforeAll(() => {
  (resources as Resource[]).push(tinyResource);
});

type Rig = {
  readonly server: FakeServer;
  readonly kube: FakeKube;
  readonly run: () => Promise<void>;
  readonly claim: () => Claim;
  readonly database: () => TinyDatabase | undefined;
  readonly login: (of: string, password: string) => void;
  readonly reasons: () => readonly (string | undefined)[];
};

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function rig(asked: Claim = admitted): Rig {
  const server = createFakeServer();
  const kube = createFakeKube(server, "stored");
  server.create(asked);
  const claim = (): Claim => server.all().find(({ kind }) => kind === claimKind) as Claim;
  return {
    server,
    kube,
    run: async () => {
      server.now = new Date(server.now.getTime() + 60_000);
      kube.deliver();
      await kube.reconcile({ kind: claimKind, ...refOf(asked) });
    },
    claim,
    database: () => server.find(tinyResource, refTo(asked)) as TinyDatabase | undefined,
    login: (of, password) => {
      const metadata = {
        name: "orders-db.login",
        namespace: "team-a",
        labels: { "tiny.example.com/login": "yes" },
        annotations: { "tiny.example.com/of": of },
      };
      const data = { user: base64("tiny_owner"), pass: base64(password) };
      const secret: Secret = { apiVersion: "v1", kind: "Secret", metadata, data };
      const found = server.find(secretResource, refOf(secret));
      if (found) server.remove(found);
      server.create(secret);
    },
    reasons: () => (claim().status?.conditions ?? []).map(({ reason }) => reason),
  };
}

test("a claim becomes its object, and its credentials become a connection secret", async () => {
  const { run, database, login, reasons, server, claim } = rig();
  await run();
  expect(database()).toMatchObject({
    metadata: { name: "tiny-orders-db" },
    spec: { size: "small" },
  });
  expect(database()?.metadata).not.toHaveProperty("ownerReferences");
  server.edit(database() as TinyDatabase, live => ({ ...live, status: { isUp: true } }));
  login("someone else's", "forged");
  await run();
  expect(reasons()).toEqual(expect.arrayContaining(["DatabaseHealthy", "CredentialsPending"]));
  login(database()?.metadata.uid ?? "", "the password");
  await run();
  expect(reasons()).toEqual(["Available", "DatabaseHealthy", "SecretWritten"]);
  const { data = {} } = server.find(secretResource, wanted) as Secret;
  const text = (name: string): string => Buffer.from(data[name] ?? "", "base64").toString();
  expect([text("password"), text("provider"), text("endpoint")]).toEqual([
    ...["the password", "tiny", "tiny-orders-db.example.com"],
  ]);
  expect(claim().status?.endpoint).toBe("tiny-orders-db.example.com");
});

test("its drift is put right, and what is someone else's is left alone", async () => {
  const made = rig();
  await made.run();
  made.server.edit(made.database() as TinyDatabase, live => ({ ...live, spec: { size: "huge" } }));
  await made.run();
  expect(made.database()?.spec).toEqual({ size: "small" });
  made.server.edit(made.database() as TinyDatabase, live => ({
    ...live,
    metadata: { ...live.metadata, annotations: {} },
  }));
  const before = JSON.stringify(made.database());
  await made.run();
  expect(made.reasons()).toContain("NotOwned");
  expect(JSON.stringify(made.database())).toBe(before);
});

test("what it cannot do is told as a fault of the claim", async () => {
  const made = rig({ ...admitted, spec: { pooler: {} } });
  await made.run();
  expect(made.claim().status?.conditions?.[0]).toMatchObject({
    reason: "Invalid",
    message: "spec.pooler is not to be had with Tiny",
  });
});
