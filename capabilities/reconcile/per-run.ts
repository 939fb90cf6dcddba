/** What depends on a run alone is worked out once for it: aspects ask each other, and each is asked several times. */
import type { Aspect, Situation } from "./run";

/** The same function, with its answers remembered for as long as their runs are there. */
export function perRun<S extends object, T>(answerTo: (run: S) => T): (run: S) => T {
  const answers = new WeakMap<S, { readonly answer: T }>();
  return run => {
    const known = answers.get(run);
    if (known) return known.answer;
    const answer = answerTo(run);
    answers.set(run, { answer });
    return answer;
  };
}

/** The aspect, asked once for each run. */
export function askedOnce<S extends Situation>(aspect: Aspect<S>): Aspect<S> {
  const { needs, steps, tell } = aspect;
  return { ...aspect, needs: perRun(needs), steps: perRun(steps), tell: perRun(tell) };
}
