/** Claims at the webhook: hands requests to the pure judgement, with the classes and claims that this process knows of. */
import { protectionViolations } from "../admission/deletion";
import { holderViolations, holdingViolations } from "../admission/holders";
import { conflictViolations } from "../admission/instance/conflicts";
import { isExempt, judge } from "../admission/instance/judgement";
import { endOfLifeWarning } from "../admission/instance/warnings";
import { writtenSecrets } from "../claim/access";
import { requestOf, type Claim } from "../claim/claim";
import { classOf, type Class, type PostgresClass } from "../claim/class";
import { isToOutlive } from "../claim/deletion";
import { claimKind } from "../claim/names";
import { parseClaim } from "../claim/parse";
import type { Violation } from "../claim/violation";
import type { ApiClient } from "../cluster/client";
import { refOf, type Ref } from "../kubernetes/objects";
import { isRecord } from "../kubernetes/record";
import { operators } from "../operator/operators";
import type { Asked, Judged, JudgedKind } from "./admission";
import { missingAccess } from "./author";
import { fillIn, hold } from "./completion";
import type { AdmissionWorld } from "./world";

export function instanceKind(api: ApiClient, world: AdmissionWorld): JudgedKind {
  async function judgeRequest({ object, oldObject, userInfo }: Asked): Promise<Judged> {
    const { claim: asked } = parseClaim(object);
    const classes = await classesFor(asked, world);
    const { claim, violations, warnings } = judge(object, oldObject, classes, []);
    const before = isRecord(oldObject) ? parseClaim(oldObject).claim : undefined;
    const chosen = classOf(claim, classes);
    // A claim without a class is refused for that.
    const missing = chosen
      ? await missingAccess(api, userInfo, {
          claim,
          before,
          credentials: credentialsOf(claim, chosen),
        })
      : [];
    return {
      violations: [...violations, ...(await conflictsOf(claim)), ...missing],
      warnings: [...warnings, ...endOfLifeWarning(claim, before, new Date())],
      complete: raw => {
        fillIn(raw, claim);
        raw.metadata ??= {};
        const { annotations = {} } = claim.metadata;
        if (requestOf(claim) !== undefined) {
          raw.metadata.annotations = { ...raw.metadata.annotations, ...annotations };
        }
        if (isHeld(claim, chosen)) hold(raw);
      },
    };
  }

  /** Its author has forbidden it, or the data of others would go with it. */
  async function judgeDeletion({ oldObject }: Asked): Promise<readonly Violation[]> {
    const { claim } = parseClaim(oldObject);
    const held = claim.spec.share ? holdingViolations(await world.holdingsIn(refOf(claim))) : [];
    return [...protectionViolations(claim), ...held];
  }

  /** The other claim may have let go a moment ago. */
  async function conflictsOf(claim: Claim): Promise<readonly Violation[]> {
    const suspects = world
      .rivals(claim)
      .filter(other => conflictViolations(claim, [other]).length > 0);
    const live = await Promise.all(suspects.map(async other => world.claimNamed(refOf(other))));
    return [
      ...conflictViolations(
        claim,
        live.filter(other => other !== undefined),
      ),
      ...holderViolations(claim, await world.databasesWriting(claim)),
    ];
  }

  return { kind: claimKind, isExempt, judge: judgeRequest, judgeDeletion };
}

/** Whether something of the claim stays where Kubernetes takes the rest with it. */
function isHeld(claim: Claim, chosen: Class | undefined): boolean {
  return writtenSecrets(claim).length > 0 || isToOutlive(claim, chosen);
}

/** Who runs the database decides where the credentials are. */
function credentialsOf(claim: Claim, chosen: Class): Ref {
  return operators[chosen.backend].credentials.ref(claim, chosen);
}

/** The classes that are known, and the one that the claim names if it has come a moment ago. */
export async function classesFor(
  claim: Claim,
  world: AdmissionWorld,
): Promise<readonly PostgresClass[]> {
  const classes = await world.classes();
  const { className } = claim.spec;
  if (className === undefined || classes.some(({ metadata }) => metadata.name === className)) {
    return classes;
  }
  const found = await world.classNamed(className);
  return found ? [...classes, found] : classes;
}
