/** What is told of a cluster: one line each, and what to do where something is to be done. */

/** `not known` is what the caller may not read, or what gave no answer: it is never taken for good. */
export type State = "ok" | "warning" | "problem" | "not known";

export type Finding = {
  /** What it is about, in a word or two. */
  readonly subject: string;
  readonly state: State;
  readonly said: string;
  readonly remedy?: string;
};

export function ok(subject: string, said: string): Finding {
  return { subject, state: "ok", said };
}

/** Databases run all the same, and somebody should know. */
export function warning(subject: string, said: string, remedy: string): Finding {
  return { subject, state: "warning", said, remedy };
}

/** Something does not work, or must not be used so. */
export function problem(subject: string, said: string, remedy: string): Finding {
  return { subject, state: "problem", said, remedy };
}

export function notKnown(subject: string, said: string, remedy?: string): Finding {
  return { subject, state: "not known", said, ...(remedy === undefined ? {} : { remedy }) };
}

/** Whether the cluster is fit: nothing that is known stands against it. */
export function isFit(findings: readonly Finding[]): boolean {
  return !findings.some(({ state }) => state === "problem");
}
