/** Writes what the aspects of a claim want written: the only writes of a run beside its status. */
import type { AnyClaim } from "../claim/claim";
import { errorOf } from "./fault";
import type { Kube } from "./kube";
import type { Outcome, Step } from "./run";

/** What came of each step. One that fails holds up no other: aspects go on by themselves. */
export async function act(
  claim: AnyClaim,
  steps: readonly Step[],
  kube: Kube,
): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const step of steps) outcomes.push(await take(claim, step, kube));
  return outcomes;
}

async function take(claim: AnyClaim, step: Step, kube: Kube): Promise<Outcome> {
  try {
    const written = await kube.write(claim, step);
    if (written.state === "done") trace(claim, step, kube);
    return { step, ...written };
  } catch (fault) {
    return { step, state: "failed", fault: errorOf(fault) };
  }
}

/** What is destructive leaves a trace. */
function trace(claim: AnyClaim, step: Step, kube: Kube): void {
  const event = "event" in step ? step.event : undefined;
  if (step.verb === "remove" || step.verb === "set owners" || event) kube.log(claim, step.why);
  if (event) kube.tell(claim, event);
}
