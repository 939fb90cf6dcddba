/** One claim on a fake server with a fake operator, and runs of the reconcile for it. */
import { clusterResource } from "../../capabilities/operator/cnpg/cluster";
import type { Claim, ClaimStatus } from "../../capabilities/claim/claim";
import {
  type KubeObject,
  type Ref,
  type Secret,
  refOf,
  secretResource,
} from "../../capabilities/kubernetes/objects";
import { claimResource, finalizer } from "../../capabilities/claim/names";
import { createFakeKube, type FakeKube, type Freshness, type Write } from "../fake-kube";
import { createFakeOperator, type FakeOperator } from "../fake-operator";
import { createFakeServer, type FakeServer } from "../fake-server";
import { goodClaim } from "../good-claim";

export type Bench = {
  readonly server: FakeServer;
  readonly kube: FakeKube;
  readonly operator: FakeOperator;
  /** One run, some seconds later than the one before. Gives when to look again, and what was written. */
  readonly run: (seconds?: number) => Promise<Ran>;
  /** Brings the claim to Ready. */
  readonly makeReady: () => Promise<void>;
  readonly claim: () => Claim;
  readonly status: () => ClaimStatus;
  /** Phase of the claim, then the reasons of Ready, DatabaseReady and ConnectionSecretReady. */
  readonly said: () => readonly (string | undefined)[];
  readonly cluster: () => KubeObject | undefined;
  readonly secret: (ref?: Ref) => Secret | undefined;
  /** The connection secret's values as text. */
  readonly values: (ref?: Ref) => Readonly<Record<string, string>>;
  /** Tells the store of everything that has changed up to now, as the watches do. */
  readonly deliver: () => void;
  readonly editClaim: (change: (claim: Claim) => Claim) => void;
};

export type Ran = {
  /** In ms; undefined where only an event brings the next run. */
  readonly again: number | undefined;
  readonly writes: readonly string[];
};

export const wanted: Ref = { name: "orders-postgres", namespace: "team-a" };
export const clusterRef: Ref = { name: "orders-db", namespace: "team-a" };
export const password = "first password: /@?&";

/** As the webhook leaves a claim that wants a connection secret. */
export const admitted: Claim = {
  ...goodClaim,
  metadata: { ...goodClaim.metadata, finalizers: [finalizer] },
};

function said(writes: readonly Write[]): string[] {
  return writes.map(({ verb, what }) => `${verb} ${what}`);
}

export function bench(asked: Claim = admitted, freshness: Freshness = "live"): Bench {
  const server = createFakeServer();
  const kube = createFakeKube(server, freshness);
  const operator = createFakeOperator(server);
  server.create(asked);
  const ref = refOf(asked);

  function claim(): Claim {
    const found = server.find(claimResource, ref);
    if (!found) throw new Error("the claim is gone");
    return found as Claim;
  }

  async function run(seconds = 60): Promise<Ran> {
    const before = kube.writes.length;
    server.now = new Date(server.now.getTime() + seconds * 1000);
    const again = await kube.reconcile({ kind: asked.kind, ...ref });
    return {
      again: again?.afterMs,
      writes: said(kube.writes.slice(before)),
    };
  }

  async function makeReady(): Promise<void> {
    await run();
    operator.giveCredentials(clusterRef, password);
    operator.reach(clusterRef, "healthy");
    await run();
  }

  function secret(at = wanted): Secret | undefined {
    return server.find(secretResource, at);
  }

  return {
    server,
    kube,
    operator,
    run,
    makeReady,
    claim,
    status: () => claim().status ?? {},
    said: () => {
      const { phase, conditions = [] } = claim().status ?? {};
      const aspects = conditions.filter(({ type }) => type.endsWith("Ready"));
      return [phase, ...aspects.map(({ reason }) => reason)];
    },
    cluster: () => server.find(clusterResource, clusterRef),
    secret,
    values: at => {
      const entries = Object.entries(secret(at)?.data ?? {});
      return Object.fromEntries(
        entries.map(([name, value]) => [name, Buffer.from(value, "base64").toString()]),
      );
    },
    deliver: () => {
      kube.deliver();
    },
    editClaim: change => {
      server.edit(claim(), change);
    },
  };
}

export const ready = ["Ready", "Available", "DatabaseHealthy", "SecretWritten"] as const;

/** What was told in events, as reason and message. */
export function events({ writes }: FakeKube): readonly unknown[] {
  return writes.filter(({ verb }) => verb === "event").map(({ sent }) => sent);
}
