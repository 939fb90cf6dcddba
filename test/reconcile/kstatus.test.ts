/**
 * What Flux and other readers make of a claim by the rules of kstatus, which need no knowledge of its kind:
 * https://github.com/kubernetes-sigs/cli-utils/blob/v0.37.2/pkg/kstatus/status/generic.go, and Flux's for the condition Ready.
 */
import { explanations, type Reason } from "../../capabilities/reconcile/reasons";
import { toldOf } from "../told";
import { statusSchema } from "../../capabilities/claim/claim-schema";
import type { Claim, ClaimStatus } from "../../capabilities/claim/claim";
import { statusOf, type Facts } from "../../capabilities/reconcile/status";
import { goodClaim } from "../good-claim";

type Outcome = "Current" | "InProgress" | "Failed" | "Terminating";

/** The rules in their order: deletion, generation, the two standard conditions, then Ready. */
function computed({ metadata, status = {} }: Claim): Outcome {
  const { observedGeneration = metadata.generation, conditions = [] } = status;
  if (metadata.deletionTimestamp !== undefined) return "Terminating";
  if (observedGeneration !== metadata.generation) return "InProgress";
  const isTrue = (wanted: string): boolean =>
    conditions.some(({ type, status: is }) => type === wanted && is === "True");
  if (isTrue("Reconciling")) return "InProgress";
  if (isTrue("Stalled")) return "Failed";
  const hasReady = conditions.some(({ type }) => type === "Ready");
  return hasReady && !isTrue("Ready") ? "InProgress" : "Current";
}

function statusFor(cluster: Reason, secret: Reason = "SecretWritten"): ClaimStatus {
  const facts: Facts = {
    told: toldOf(
      { reason: cluster, message: "of the database" },
      { reason: secret, message: "of the secret" },
    ),
  };
  return statusOf(goodClaim, facts, new Date(0));
}

const table = (Object.keys(explanations) as Reason[]).map(
  reason => [reason, explanations[reason].phase] as const,
);

test.each(table)("%s, of phase %s, is understood", (reason, phase) => {
  const claim = { ...goodClaim, status: statusFor(reason) };
  // A write that failed is tried again.
  const isFailed = phase === "Failed" && reason !== "WriteFailed";
  const expected = phase === "Ready" ? "Current" : isFailed ? "Failed" : "InProgress";
  expect(computed(claim)).toBe(expected);
});

test("one of the two conditions is there while the claim is not Ready, and says what Ready says; none afterwards", () => {
  for (const [reason, phase] of table) {
    const { conditions = [] } = statusFor(reason);
    const said = conditions.filter(({ type }) => ["Reconciling", "Stalled"].includes(type));
    expect(said).toHaveLength(phase === "Ready" ? 0 : 1);
    const [ready] = conditions;
    for (const condition of said) {
      expect(condition).toMatchObject({
        status: "True",
        reason: ready?.reason,
        message: ready?.message,
        observedGeneration: goodClaim.metadata.generation,
      });
    }
  }
});

test("a claim that has been changed is in progress until the module has taken note of it", () => {
  const metadata = { ...goodClaim.metadata, generation: 2 };
  expect(computed({ ...goodClaim, metadata, status: statusFor("DatabaseHealthy") })).toBe(
    "InProgress",
  );
});

test("so is one that has just been made: without the default of its status it would pass for done", () => {
  expect(computed(goodClaim)).toBe("Current");
  expect(computed({ ...goodClaim, status: statusSchema.default })).toBe("InProgress");
});

test("one that is being deleted is terminating, whatever else is said", () => {
  const metadata = { ...goodClaim.metadata, deletionTimestamp: "2026-11-21T12:00:00Z" };
  expect(computed({ ...goodClaim, metadata, status: statusFor("NotOwned") })).toBe("Terminating");
});
