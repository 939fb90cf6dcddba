/** What is watched of backups, and how much of it is kept. */
import { claimsOfLabels } from "../claim/labels";
import { labels } from "../claim/names";
import type { KubeObject } from "../kubernetes/objects";
import { fieldOf } from "../kubernetes/record";
import { withFields } from "../kubernetes/projection";
import { jobResource } from "../operator/diagnosis/evidence";
import type { Watched } from "../operator/operator";
import { cronJobResource } from "./jobs";
import { backupScript } from "./script";

/** The list of a claim's own objects is answered by this word. */
export function ownJobs(uid: string): string {
  return `${labels.claimUid}=${uid}`;
}

/** Every field of a Job that says what came of it; its pod is the one of the CronJob again. */
const jobStatus = ["conditions", "startTime", "completionTime", "active", "ready"];

export const watches: readonly Watched[] = [
  {
    resource: cronJobResource,
    labelSelector: labels.claimUid,
    claimsOf: claimsOfLabels,
    keep: withSharedScript,
  },
  {
    resource: jobResource,
    labelSelector: labels.claimUid,
    claimsOf: claimsOfLabels,
    index: ({ metadata }) => [ownJobs(metadata.labels?.[labels.claimUid] ?? "")],
    keep: job => withFields(job, { spec: [], status: jobStatus }),
  },
];

/** Ten thousand CronJobs would hold the script ten thousand times: they share one copy of it. */
function withSharedScript(object: KubeObject): KubeObject {
  for (const command of commandsIn(object)) {
    const at = command.indexOf(backupScript);
    if (at >= 0) command[at] = backupScript;
  }
  return object;
}

function commandsIn(object: KubeObject): readonly unknown[][] {
  const path = ["spec", "jobTemplate", "spec", "template", "spec", "containers"];
  const containers = path.reduce<unknown>(fieldOf, object);
  const commands = Array.isArray(containers)
    ? containers.map(container => fieldOf(container, "command"))
    : [];
  return commands.filter(command => Array.isArray(command));
}
