/** What claims that are not Ready cost while nothing changes, however many they are, and that none of them misses what frees it. */
import type { Claim } from "../../capabilities/claim/claim";
import { claimKeyOf, claimRefOf } from "../../capabilities/claim/labels";
import { claimKind } from "../../capabilities/claim/names";
import { clusterResource } from "../../capabilities/operator/cnpg/cluster";
import { createAllowance } from "../../capabilities/work/allowance";
import { createQueue, type Queue } from "../../capabilities/work/queue";
import { createFakeKube, type FakeKube } from "../fake-kube";
import { createFakeOperator } from "../fake-operator";
import { createFakeServer, type FakeServer } from "../fake-server";
import { createTimers, settled, type Timers } from "../work/timers";
import { admitted } from "./bench";

const second = 1000;
const hour = 3600 * second;
const many = 1000;

type Crowd = {
  readonly server: FakeServer;
  readonly kube: FakeKube;
  readonly queue: Queue;
  readonly timers: Timers;
  /** Requests up to now. */
  readonly requests: () => number;
  /** Lets so many ms pass. */
  readonly pass: (ms: number) => Promise<void>;
};

/** So many claims, all of which have been looked at once. */
async function crowd(count: number, make: (name: string) => Claim): Promise<Crowd> {
  const server = createFakeServer();
  const kube = createFakeKube(server, "stored");
  const timers = createTimers();
  const begun = server.now.getTime();
  const queue = createQueue({
    concurrency: 8,
    startTimer: timers.startTimer,
    random: () => 0.5,
    allowance: createAllowance(timers.now),
    run: async key => {
      server.now = new Date(begun + timers.now());
      const again = await kube.reconcile(claimRefOf(key));
      kube.deliver();
      return again;
    },
    onFailure: () => undefined,
  });
  const refs = Array.from({ length: count }, (_none, at) => `db-${at}`).map(make);
  for (const claim of refs) server.create(claim);
  kube.deliver();
  for (const { metadata } of refs) {
    queue.add(claimKeyOf({ kind: claimKind, namespace: "team-a", name: metadata.name }));
  }
  const idle = async (): Promise<void> => {
    for (let count = -1; count !== kube.reads.length + kube.writes.length; ) {
      count = kube.reads.length + kube.writes.length;
      for (let turn = 0; turn < 50; turn++) await settled();
    }
  };
  await idle();
  return {
    server,
    kube,
    queue,
    timers,
    requests: () => kube.reads.length + kube.writes.length,
    pass: async ms => {
      const until = timers.now() + ms;
      while (timers.pending() > 0 && (timers.next() ?? Infinity) <= until) {
        timers.fireNext();
        await settled();
      }
      await idle();
    },
  };
}

function named(name: string, fields: Partial<Claim> = {}): Claim {
  const metadata = { ...admitted.metadata, name, uid: name };
  return { ...admitted, metadata, writeConnectionSecretToRef: { name: `${name}-x` }, ...fields };
}

/** Claims whose credentials nobody has brought: each look asks for them. */
async function waiting(count: number): Promise<Crowd> {
  return crowd(count, name => named(name, { spec: { credentialsSecretName: "missing" } }));
}

test("a thousand claims that wait cost less than two requests a second in all, from the first hour on", async () => {
  const { requests, pass } = await waiting(many);
  await pass(60 * second);
  const before = requests();
  await pass(hour);
  expect((requests() - before) / (hour / second)).toBeLessThan(2);
  expect(requests()).toBeGreaterThan(before);
}, 60_000);

test("the event that frees a claim is not kept waiting by the others", async () => {
  const { kube, server, queue, timers, pass } = await waiting(100);
  await pass(hour);
  const at = timers.now();
  const data = { username: "YXBw", password: "c2VjcmV0" };
  const metadata = { name: "missing", namespace: "team-a", labels: { "cnpg.io/reload": "true" } };
  server.create({
    apiVersion: "v1",
    kind: "Secret",
    metadata,
    ...{ type: "kubernetes.io/basic-auth", data },
  });
  kube.deliver();
  queue.add(claimKeyOf({ kind: claimKind, namespace: "team-a", name: "db-42" }));
  await pass(0);
  expect(server.find(clusterResource, { name: "db-42", namespace: "team-a" })).toBeDefined();
  expect(timers.now()).toBe(at);
}, 60_000);

test("claims whose databases sleep, or are well, cost nothing at all", async () => {
  const { kube, server, queue, requests, pass, timers } = await crowd(3, name => named(name));
  const operator = createFakeOperator(server);
  operator.finish();
  kube.deliver();
  for (const name of ["db-0", "db-1", "db-2"]) {
    queue.add(claimKeyOf({ kind: claimKind, namespace: "team-a", name }));
  }
  await pass(0);
  operator.reach({ name: "db-0", namespace: "team-a" }, "hibernated");
  kube.deliver();
  queue.add(claimKeyOf({ kind: claimKind, namespace: "team-a", name: "db-0" }));
  await pass(60 * second);
  const before = requests();
  await pass(24 * hour);
  expect([requests(), timers.pending(), queue.size()]).toEqual([before, 0, 0]);
}, 60_000);
