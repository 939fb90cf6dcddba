/** Claims for databases in shared instances at the webhook. */
import { judgeDatabase } from "../admission/database/judgement";
import { protectionViolations } from "../admission/deletion";
import { holderViolations } from "../admission/holders";
import { isExempt } from "../admission/instance/judgement";
import { connectionRef, type Claim } from "../claim/claim";
import { classOf } from "../claim/class";
import { instanceRef, isSharedWith, isSharedByLabel, type DatabaseClaim } from "../claim/database";
import { databaseClaimKind } from "../claim/names";
import { parseDatabaseClaim } from "../claim/parse";
import type { Violation } from "../claim/violation";
import type { ApiClient } from "../cluster/client";
import { keyOf } from "../kubernetes/objects";
import { isRecord } from "../kubernetes/record";
import type { Asked, Judged, JudgedKind } from "./admission";
import { missingAccess, type Author } from "./author";
import { fillIn, hold } from "./completion";
import { classesFor } from "./instance";
import type { AdmissionWorld } from "./world";

export function databaseKind(api: ApiClient, world: AdmissionWorld): JudgedKind {
  async function judgeRequest({ object, oldObject, userInfo }: Asked): Promise<Judged> {
    const { claim: asked, faults } = parseDatabaseClaim(object);
    const claim = withNamespaces(asked);
    const before = isRecord(oldObject)
      ? withNamespaces(parseDatabaseClaim(oldObject).claim)
      : undefined;
    const instance = await world.claimNamed(instanceRef(claim));
    const chosen = instance && classOf(instance, await classesFor(instance, world));
    const { violations, warnings } = judgeDatabase(claim, before, { instance, chosen });
    return {
      violations: [
        ...faults,
        ...violations,
        ...(await conflictsOf(claim)),
        ...(await missingOf(userInfo, claim, before)),
      ],
      warnings: [...warnings, ...waitingWarnings(claim, instance)],
      complete: raw => {
        fillIn(raw, claim);
        hold(raw);
      },
    };
  }

  async function conflictsOf(claim: DatabaseClaim): Promise<readonly Violation[]> {
    const [databases, instances] = await Promise.all([
      world.databasesWriting(claim),
      world.instancesNeeding(claim),
    ]);
    return holderViolations(claim, [...databases, ...instances]);
  }

  /** The credentials that are handed on are those in the connection secret as it is. */
  async function missingOf(
    author: Author,
    claim: DatabaseClaim,
    before: DatabaseClaim | undefined,
  ): Promise<readonly Violation[]> {
    const credentials = connectionRef(before ?? claim);
    return credentials ? missingAccess(api, author, { claim, before, credentials }) : [];
  }

  return {
    kind: databaseClaimKind,
    isExempt,
    judge: judgeRequest,
    judgeDeletion: ({ oldObject }) =>
      Promise.resolve(protectionViolations(parseDatabaseClaim(oldObject).claim)),
  };
}

/** Refs that name no namespace are of the claim's own. */
function withNamespaces(claim: DatabaseClaim): DatabaseClaim {
  const { metadata, spec, writeConnectionSecretToRef: ref } = claim;
  const { namespace } = metadata;
  if (namespace === undefined) return claim;
  const { writeConnectionSecretToRef: inSpec } = spec;
  return {
    ...claim,
    spec: {
      ...spec,
      instanceRef: { namespace, ...spec.instanceRef },
      ...(inSpec ? { writeConnectionSecretToRef: { namespace, ...inSpec } } : {}),
    },
    ...(ref ? { writeConnectionSecretToRef: { namespace, ...ref } } : {}),
  };
}

/** The claim may come before its instance; that it waits then is no fault, but its author should know. */
function waitingWarnings(claim: DatabaseClaim, instance: Claim | undefined): readonly string[] {
  const what = `spec.instanceRef: PostgresInstance ${keyOf(instanceRef(claim))}`;
  if (!instance) return [`${what} is not there yet: the claim waits for it`];
  const { namespace = "" } = claim.metadata;
  if (isSharedByLabel(instance) || isSharedWith(instance, namespace, {})) return [];
  return [
    `${what} does not share itself with namespace ${namespace} (its spec.share): the claim waits until it does`,
  ];
}
