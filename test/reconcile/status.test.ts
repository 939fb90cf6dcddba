import { isReason, explanations, type Reason } from "../../capabilities/reconcile/reasons";
import * as fc from "fast-check";
import { type Claim, type ClaimStatus, type Phase } from "../../capabilities/claim/claim";
import { statusSchema } from "../../capabilities/claim/claim-schema";
import { schemaFaults } from "../../capabilities/claim/schema";

import {
  eventOf,
  holds,
  statusOf,
  type ClaimEvent,
  type Facts,
} from "../../capabilities/reconcile/status";
import { deepFreeze } from "../arbitrary/frozen";
import { goodClaim } from "../good-claim";
import { toldOf } from "../told";

const now = new Date("2026-11-21T12:00:00.123Z");
const later = new Date("2026-11-21T12:05:00.456Z");

const written = { name: "orders-postgres", namespace: "team-a", uid: "secret-uid" };

function facts(cluster: Reason, secret: Reason, changes: Partial<Facts> = {}): Facts {
  return deepFreeze({
    told: toldOf(
      { reason: cluster, message: `cluster: ${cluster}` },
      { reason: secret, message: `secret: ${secret}` },
    ),
    ...changes,
  });
}

function told(status: ClaimStatus, generation = 1): Claim {
  return deepFreeze({ ...goodClaim, metadata: { ...goodClaim.metadata, generation }, status });
}

function conditionOf(
  status: ClaimStatus,
  type: string,
): NonNullable<ClaimStatus["conditions"]>[number] {
  const found = status.conditions?.find(condition => condition.type === type);
  if (!found) throw new Error(`there is a condition ${type}`);
  return found;
}

const anyReason = fc.constantFrom(...(Object.keys(explanations) as Reason[]));
const anyFacts = fc.tuple(anyReason, anyReason).map(pair => facts(...pair));

test("the whole status of a claim whose database and secret are there", () => {
  const endpoint = "orders-db-rw.team-a.svc.cluster.local";
  const running = { instances: 3, readyInstances: 2, primary: "orders-db-2", version: "16" };
  const said = facts("DatabaseHealthy", "SecretWritten", {
    running,
    endpoint,
    bindingName: "x",
    written,
  });
  const common = {
    status: "True",
    observedGeneration: 1,
    lastTransitionTime: "2026-11-21T12:00:00Z",
  };
  expect(statusOf(goodClaim, said, now)).toEqual({
    observedGeneration: 1,
    phase: "Ready",
    ...running,
    endpoint,
    binding: { name: "x" },
    connectionSecretRef: written,
    conditions: [
      {
        type: "Ready",
        reason: "Available",
        message: "cluster: DatabaseHealthy; secret: SecretWritten",
        ...common,
      },
      {
        type: "DatabaseReady",
        reason: "DatabaseHealthy",
        message: "cluster: DatabaseHealthy",
        ...common,
      },
      {
        type: "ConnectionSecretReady",
        reason: "SecretWritten",
        message: "secret: SecretWritten",
        ...common,
      },
    ],
  });
});

test("what is not known is left out", () => {
  const status = statusOf(goodClaim, facts("Provisioning", "CredentialsPending"), now);
  expect(Object.keys(status)).toEqual(["observedGeneration", "phase", "conditions"]);
});

test("every status fits the schema of the CRD", () => {
  fc.assert(
    fc.property(anyFacts, fc.boolean(), (said, isWhole) => {
      const whole = { ...said, endpoint: "e", bindingName: "b", written };
      const status = statusOf(goodClaim, isWhole ? whole : said, now);
      expect(schemaFaults(statusSchema, status, "status")).toEqual([]);
    }),
  );
});

describe("the phase is that of the graver aspect, which also speaks", () => {
  test.each<readonly [Reason, Reason, Phase, string]>([
    ["DatabaseHealthy", "SecretWritten", "Ready", "Available"],
    ["DatabaseHealthy", "SecretNotRequested", "Ready", "Available"],
    ["Provisioning", "SecretWritten", "Provisioning", "Provisioning"],
    ["Provisioning", "CredentialsPending", "Provisioning", "Provisioning"],
    ["DatabaseHealthy", "CredentialsPending", "Provisioning", "CredentialsPending"],
    ["Provisioning", "NamespaceNotFound", "Pending", "NamespaceNotFound"],
    ["OperatorNotInstalled", "CredentialsPending", "Pending", "OperatorNotInstalled"],
    ["Hibernated", "SecretWritten", "Pending", "Hibernated"],
    ["NotOwned", "CredentialsPending", "Failed", "NotOwned"],
    ["OperatorNotInstalled", "NotOwned", "Failed", "NotOwned"],
    ["DatabaseHealthy", "WriteFailed", "Failed", "WriteFailed"],
    ["DatabaseInvalid", "NamespaceNotFound", "Failed", "DatabaseInvalid"],
    ["DatabaseFailed", "WriteFailed", "Failed", "DatabaseFailed"],
    ["Invalid", "Invalid", "Failed", "Invalid"],
    ["NotOwned", "Deleting", "Deleting", "Deleting"],
  ])("%s and %s: %s, %s", (cluster, secret, phase, reason) => {
    const status = statusOf(goodClaim, facts(cluster, secret), now);
    expect([status.phase, conditionOf(status, "Ready").reason]).toEqual([phase, reason]);
  });

  test("Ready holds exactly if both aspects do", () => {
    fc.assert(
      fc.property(anyFacts, said => {
        const status = statusOf(goodClaim, said, now);
        const [database, secret] = said.told.map(({ verdict }) => verdict);
        if (!database || !secret) throw new Error("both are told");
        const isReady = holds(database) && holds(secret);
        expect(conditionOf(status, "Ready").status).toBe(isReady ? "True" : "False");
        expect(status.phase === "Ready").toBe(isReady);
        expect(conditionOf(status, "DatabaseReady").reason).toBe(database.reason);
        expect(conditionOf(status, "ConnectionSecretReady").reason).toBe(secret.reason);
      }),
    );
  });
});

test("the time of a condition stays while its status stays, whatever else changes", () => {
  fc.assert(
    fc.property(anyFacts, anyFacts, (before, after) => {
      const first = statusOf(goodClaim, before, now);
      const second = statusOf(told(first, 2), after, later);
      for (const { type, status, lastTransitionTime, observedGeneration } of second.conditions ??
        []) {
        // Reconciling and Stalled are only there while they are true.
        const was = first.conditions?.find(condition => condition.type === type);
        expect(lastTransitionTime).toBe(
          was?.status === status ? was.lastTransitionTime : "2026-11-21T12:05:00Z",
        );
        expect(observedGeneration).toBe(2);
      }
    }),
  );
});

test("the same facts give the same status, times included", () => {
  fc.assert(
    fc.property(anyFacts, said => {
      const first = statusOf(goodClaim, said, now);
      expect(statusOf(told(first), said, later)).toEqual(first);
    }),
  );
});

describe("an event is for what is news", () => {
  const status = (cluster: Reason, secret: Reason): ClaimStatus =>
    statusOf(goodClaim, facts(cluster, secret), now);
  const provisioned: ClaimEvent = {
    type: "Normal",
    reason: "Provisioned",
    message: "cluster: DatabaseHealthy; secret: SecretWritten",
  };
  const warning = (reason: Reason, message: string): ClaimEvent => ({
    type: "Warning",
    reason,
    message,
  });
  const starting = status("Provisioning", "CredentialsPending");
  const ready = status("DatabaseHealthy", "SecretWritten");
  const refused = status("DatabaseHealthy", "NotOwned");
  const invalid = status("DatabaseInvalid", "SecretWritten");
  const waiting = status("OperatorNotInstalled", "CredentialsPending");
  const leaving = status("Deleting", "Deleting");

  test.each<readonly [string, ClaimStatus | undefined, ClaimStatus, ClaimEvent | undefined]>([
    ["ready for the first time", undefined, ready, provisioned],
    ["ready after it was starting", starting, ready, provisioned],
    ["ready again after trouble", refused, ready, provisioned],
    ["still ready", ready, ready, undefined],
    ["progress at first", undefined, starting, undefined],
    ["progress after it was ready", ready, starting, undefined],
    ["failed", starting, refused, warning("NotOwned", "secret: NotOwned")],
    [
      "failed for another reason",
      refused,
      invalid,
      warning("DatabaseInvalid", "cluster: DatabaseInvalid"),
    ],
    ["failed as before", refused, refused, undefined],
    [
      "waiting for something",
      undefined,
      waiting,
      warning("OperatorNotInstalled", "cluster: OperatorNotInstalled"),
    ],
    ["waiting as before", waiting, waiting, undefined],
    ["being deleted", ready, leaving, undefined],
  ])("%s", (_title, before, after, expected) => {
    expect(eventOf(before, after)).toEqual(expected);
  });

  test("never twice for the same", () => {
    fc.assert(
      fc.property(anyFacts, anyFacts, (before, after) => {
        const [was, is] = [before, after].map(said => statusOf(goodClaim, said, now));
        if (!was || !is) throw new Error("there are two");
        expect(eventOf(is, is)).toBeUndefined();
        const isNews = eventOf(was, is) !== undefined;
        const isSame = conditionOf(was, "Ready").reason === conditionOf(is, "Ready").reason;
        expect(isNews && isSame).toBe(false);
      }),
    );
  });
});

test("a word is a reason only if it is one of ours", () => {
  expect(Object.keys(explanations).every(isReason)).toBe(true);
  expect(["", "toString", "__proto__", "Ready"].some(isReason)).toBe(false);
});

test("a status that speaks of CNPG's Cluster, as the build before this one wrote it, is rewritten without news", () => {
  const before = statusOf(goodClaim, facts("DatabaseHealthy", "SecretWritten"), now);
  const old = JSON.parse(
    JSON.stringify(before)
      .replace("DatabaseReady", "ClusterReady")
      .replace("DatabaseHealthy", "ClusterHealthy"),
  ) as ClaimStatus;
  const after = statusOf(told(old), facts("DatabaseHealthy", "SecretWritten"), later);
  const types = after.conditions?.map(({ type }) => type);
  expect(types).toEqual(["Ready", "DatabaseReady", "ConnectionSecretReady"]);
  expect(after.phase).toBe("Ready");
  expect(eventOf(old, after)).toBeUndefined();
});
