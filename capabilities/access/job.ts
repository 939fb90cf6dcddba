/** The Job that grants rights to a claim's further logins. */
import { accessJobName } from "../claim/job-names";
import type { AccessLevel } from "../claim/access";
import type { AnyClaim } from "../claim/claim";
import type { Class } from "../claim/class";
import { claimLabels } from "../claim/labels";
import { labels } from "../claim/names";
import { apiVersionOf, refOf, type KubeObject } from "../kubernetes/objects";
import { ownerReference } from "../kubernetes/owners";
import { jobResource } from "../operator/diagnosis/evidence";
import { clientEnvironment, clientPodSpec, type Source } from "../pods/client-pod";
import { accessScript } from "./script";

/** Everything that the Job is made of. */
export type AccessWork = {
  readonly claim: AnyClaim;
  readonly chosen: Class;
  readonly source: Source;
  readonly database: string;
  /** PostgreSQL's major version. */
  readonly version: string;
  readonly roles: Readonly<Partial<Record<AccessLevel, string>>>;
  /** What it is done for: another one is another Job. */
  readonly granted: string;
};

/** A database that restarts, or a node that goes, is no failure yet. */
const retries = 4;
const longestRunSeconds = 3600;
/** Where it failed it is made anew once it has gone: so the pause between two tries. */
const keptSeconds = 3600;

export function accessJob(work: AccessWork): KubeObject {
  const { claim, granted } = work;
  const marks = { ...claimLabels(claim), [labels.component]: "access" };
  return {
    apiVersion: apiVersionOf(jobResource),
    kind: jobResource.kind,
    metadata: {
      name: accessJobName(claim, granted),
      namespace: refOf(claim).namespace,
      labels: marks,
      ownerReferences: [ownerReference(claim)],
    },
    spec: {
      backoffLimit: retries,
      activeDeadlineSeconds: longestRunSeconds,
      ttlSecondsAfterFinished: keptSeconds,
      template: { metadata: { labels: marks }, spec: podSpec(work) },
    },
  } as KubeObject;
}

function podSpec({ chosen, source, database, version, roles }: AccessWork): object {
  const { readOnly = "", readWrite = "" } = roles;
  return clientPodSpec({
    ...{ chosen, name: "access", image: `${chosen.image}:${version}`, script: accessScript },
    args: [],
    env: clientEnvironment(source, database, chosen, {
      READ_ONLY_ROLE: readOnly,
      READ_WRITE_ROLE: readWrite,
    }),
    ...{ volumes: [], volumeMounts: [] },
  });
}
