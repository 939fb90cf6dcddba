/** Asks the API server what the author of a request may do, by SubjectAccessReviews. */
import type { PeprValidateRequest } from "pepr";
import { accessNeeded, accessViolation, isAccepted, type Access } from "../admission/access";
import type { ApiClient } from "../cluster/client";
import { faultOf, pathOf } from "../cluster/paths";
import { connectionRef, type AnyClaim } from "../claim/claim";
import {
  namespaceResource,
  secretResource,
  type KubeObject,
  type Ref,
} from "../kubernetes/objects";
import { isRecord } from "../claim/schema";
import type { Violation } from "../claim/violation";
import type { PostgresInstance } from "../pepr/kinds";

/** Who sent a request, as the API server says. */
export type Author = PeprValidateRequest<PostgresInstance>["Request"]["userInfo"];

/** A claim with its defaults, before and after, and where the credentials are that it would be given. */
export type Change = {
  readonly claim: AnyClaim;
  readonly before: AnyClaim | undefined;
  readonly credentials: Ref;
};

/**
 * The rights to Secrets that the claim takes and its author lacks. Throws if the API server does not say:
 * the request is refused then.
 */
export async function missingAccess(
  api: ApiClient,
  author: Author,
  { claim, before, credentials }: Change,
): Promise<readonly Violation[]> {
  const needed = accessNeeded(claim, before, credentials);
  if (needed.length === 0) return [];
  const isWelcome =
    needed.some(({ verb }) => verb !== "get") && (await isAcceptedThere(api, claim));
  const asked = needed.filter(({ verb }) => verb === "get" || !isWelcome);
  const allowed = await Promise.all(asked.map(async access => mayAccess(api, author, access)));
  return asked
    .filter((_access, index) => allowed[index] !== true)
    .map(access => accessViolation(claim, access, author.username ?? ""));
}

async function isAcceptedThere(api: ApiClient, claim: AnyClaim): Promise<boolean> {
  const name = connectionRef(claim)?.namespace ?? "";
  const path = pathOf(namespaceResource, { name, namespace: "" });
  const { code, body } = await api({ method: "GET", path });
  if (code === 404) return false;
  if (code >= 300) throw faultOf(`reading namespace ${name}`, code, body);
  return isAccepted(body as KubeObject, claim.metadata.namespace ?? "");
}

/** https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/subject-access-review-v1/ */
async function mayAccess(api: ApiClient, author: Author, access: Access): Promise<boolean> {
  const { username, uid, groups, extra } = author;
  const { verb, secret } = access;
  const { group, version, plural } = secretResource;
  const { code, body } = await api({
    method: "POST",
    path: "/apis/authorization.k8s.io/v1/subjectaccessreviews",
    body: {
      apiVersion: "authorization.k8s.io/v1",
      kind: "SubjectAccessReview",
      spec: {
        user: username,
        uid,
        groups,
        extra,
        resourceAttributes: { verb, group, version, resource: plural, ...secret },
      },
    },
  });
  if (code >= 300) throw faultOf(`reviewing the right to ${verb} Secrets`, code, body);
  const status = isRecord(body) && isRecord(body.status) ? body.status : {};
  return status.allowed === true;
}
