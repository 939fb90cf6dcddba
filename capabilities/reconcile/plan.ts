/** What is to be made of a claim, from the claim and the classes alone: rendering is this with nothing observed. */
import { withDigest } from "../claim/applied";
import { withDefaults } from "../admission/instance/defaults";
import { violations } from "../admission/instance/rules";
import type { Addition, Operator } from "../operator/operator";
import { operators } from "../operator/operators";
import { connectionRef, type Claim } from "../claim/claim";
import { classOf, type Class, type PostgresClass } from "../claim/class";
import { parseClaim } from "../claim/parse";
import type { KubeObject, Ref } from "../kubernetes/objects";
import type { Violation } from "../claim/violation";
import type { Brought } from "./connection/credentials";

export type Plan = {
  /** The claim with its defaults. */
  readonly claim: Claim;
  readonly chosen: Class;
  readonly operator: Operator;
  readonly database: KubeObject;
  /** All optional objects: those to be made, and those that must not be there. */
  readonly additions: readonly Addition[];
  /** What was found of the credentials that the claim brings; undefined where the operator makes them. */
  readonly brought?: Brought | undefined;
  /** Where the connection secret goes, if one is wanted. */
  readonly ref: Ref | undefined;
};

/** The plan of a claim, or everything that is wrong with it: the webhook may have been away when the claim was made. */
export function plan(claim: Claim, classes: readonly PostgresClass[]): Plan | readonly Violation[] {
  const { claim: parsed, faults } = parseClaim(claim);
  if (faults.length > 0) return faults;
  // In a file `spec:` may be empty, which is null.
  const asked = { ...claim, spec: parsed.spec };
  const chosen = classOf(asked, classes);
  const complete = withDefaults(asked, undefined, chosen);
  const classNames = classes.map(({ metadata }) => metadata.name);
  const standing = [claim.status?.version];
  const broken = violations({ claim: complete, chosen, classNames, standing });
  if (!chosen || broken.length > 0) return broken;
  const backend = operators[chosen.backend];
  return {
    claim: complete,
    chosen,
    operator: backend,
    database: withDigest(backend.desired(complete, chosen)),
    additions: backend.additions(complete, chosen).map(digested),
    ref: connectionRef(complete),
  };
}

function digested(addition: Addition): Addition {
  const { desired } = addition;
  return desired ? { ...addition, desired: withDigest(desired) } : addition;
}
