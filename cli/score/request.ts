/** What score-k8s asks a provisioner for: one JSON object on standard input (score-k8s 0.15, internal/provisioners/core.go). */
import { isRecord, textIn } from "../../capabilities/kubernetes/record";
import { CommandFailure, exitCodes } from "../command";

export type ScoreRequest = {
  /** Of the resource, the same in every run: `postgres.default#shop.db`. */
  readonly uid: string;
  /** `shop.db` where workload `shop` has it for itself, else the id that workloads share it by. */
  readonly id: string;
  readonly params: Readonly<Record<string, unknown>>;
  /** Of the manifests; empty where `score-k8s generate` was given none. */
  readonly namespace: string;
  /** The claim that an earlier run named for it. */
  readonly claim: string | undefined;
  /** The claims of all resources by name, with the uid of the resource that has each. */
  readonly claims: Readonly<Record<string, string>>;
};

/** The key of our own in the state that provisioners share. */
export const sharedKey = "zero-touch-postgres";

/** Throws a `CommandFailure` where the input is none of score-k8s. */
export function requestIn(text: string): ScoreRequest {
  const input = parsed(text);
  const uid = textIn(input, "resource_uid");
  const id = textIn(input, "resource_id");
  if (!isRecord(input) || uid === undefined || id === undefined) {
    throw notOfScore("has no resource_uid or no resource_id");
  }
  const { resource_params: params, resource_state: state, shared_state: shared } = input;
  const ours = isRecord(shared) ? shared[sharedKey] : undefined;
  return {
    ...{ uid, id },
    params: isRecord(params) ? params : {},
    namespace: textIn(input, "namespace") ?? "",
    claim: textIn(state, "claim"),
    claims: textsIn(ours),
  };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw notOfScore("is no JSON");
  }
}

function textsIn(value: unknown): Readonly<Record<string, string>> {
  const entries = Object.entries(isRecord(value) ? value : {});
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}

function notOfScore(what: string): CommandFailure {
  return new CommandFailure(
    exitCodes.usage,
    `standard input ${what}: score-k8s calls this command, as docs/score.md says`,
  );
}
