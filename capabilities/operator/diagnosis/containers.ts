/** What the kubelet says of a database's containers: images that cannot be pulled, containers that do not start or keep ending. */
import type { Cause } from "../operator";
import { fitWords } from "./words";
import type { ContainerStatus, Evidence, Pod } from "./evidence";

type Waiting = { readonly reason?: string; readonly message?: string };
type Ended = { readonly reason?: string; readonly exitCode?: number };

/** https://github.com/kubernetes/kubernetes/blob/v1.36.0/pkg/kubelet/images/types.go */
const imageReasons: readonly string[] = [
  "ErrImagePull",
  "ImagePullBackOff",
  "InvalidImageName",
  "ErrImageNeverPull",
  "ImageInspectError",
  "RegistryUnavailable",
  "SignatureValidationFailed",
];

/** A container that was never made. */
const startReasons: readonly string[] = [
  "CreateContainerConfigError",
  "CreateContainerError",
  "RunContainerError",
  "StartError",
];

/** A container that has ended so many times and is not ready is not called well while it happens to run. */
const manyRestarts = 3;

export function imageFailed({ pods }: Evidence): Cause | undefined {
  const container = pods
    .flatMap(containersOf)
    .find(status => imageReasons.includes(waitingOf(status).reason ?? ""));
  if (!container) return undefined;
  // While the kubelet waits it puts words of its own before those that it had from the registry.
  const words = fitWords(
    (waitingOf(container).message ?? "")
      .replace(/^Back-off pulling image "[^"]*"(: )?/, "")
      .replace(/^(ErrImagePull|Error): /, ""),
  );
  return {
    reason: "ImagePullFailed",
    message: `image ${container.image ?? "(unknown)"} cannot be pulled${words && `: ${words}`}; correct the image in the PostgresClass or the nodes' access to it, or ask for a version that is there`,
  };
}

export function containerFailing(evidence: Evidence): Cause | undefined {
  const { pods, instanceLabel } = evidence;
  for (const pod of pods.filter(one => !isFollowed(one, evidence))) {
    const unmade = containersOf(pod).find(status =>
      startReasons.includes(waitingOf(status).reason ?? ""),
    );
    if (unmade) return notStarted(pod, unmade, instanceLabel);
    const failing = containersOf(pod).find(status => keepsEnding(pod, status));
    if (failing) return ending(pod, failing, instanceLabel);
  }
  return undefined;
}

/** A Job's pod that has failed stays beside the one that may do better. */
function isFollowed(pod: Pod, { pods, instanceLabel }: Evidence): boolean {
  return (
    pod.status?.phase === "Failed" &&
    pods.some(
      other =>
        instanceOf(other, instanceLabel) === instanceOf(pod, instanceLabel) &&
        ["Running", "Succeeded"].includes(other.status?.phase ?? ""),
    )
  );
}

function keepsEnding({ status }: Pod, container: ContainerStatus): boolean {
  if (waitingOf(container).reason === "CrashLoopBackOff") return true;
  const { exitCode = 0 } = endedOf(container);
  if (status?.phase === "Failed") return exitCode !== 0;
  return (container.restartCount ?? 0) >= manyRestarts && !isReady(status);
}

function isReady(status: Pod["status"]): boolean {
  const conditions = status?.conditions ?? [];
  return conditions.some(({ type, status: state }) => type === "Ready" && state === "True");
}

function notStarted(pod: Pod, container: ContainerStatus, instanceLabel: string): Cause {
  const { reason, message = "" } = waitingOf(container);
  const why = [reason, fitWords(message)].filter(word => word).join(": ");
  return {
    reason: "ContainerFailing",
    message: `${nameOf(pod, container, instanceLabel)} cannot be started (${why}); mend what it names`,
  };
}

/** What the container itself has said last is not told: it may be a part of a log. */
function ending(pod: Pod, container: ContainerStatus, instanceLabel: string): Cause {
  const { reason = "Error", exitCode = "unknown" } = endedOf(container);
  const logs = `kubectl logs -n ${pod.metadata.namespace ?? ""} -l ${instanceLabel}=${instanceOf(pod, instanceLabel)} -c ${container.name}`;
  const remedy =
    reason === "OOMKilled" ? "ask for a larger size, which has more memory" : `see ${logs}`;
  return {
    reason: "ContainerFailing",
    message: `${nameOf(pod, container, instanceLabel)} keeps ending (${reason}, exit code ${exitCode}); ${remedy}`,
  };
}

function waitingOf({ state }: ContainerStatus): Waiting {
  return state?.waiting ?? {};
}

export function endedOf({ state, lastState }: ContainerStatus): Ended {
  return state?.terminated ?? lastState?.terminated ?? {};
}

export function containersOf({ status }: Pod): readonly ContainerStatus[] {
  return [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])];
}

function nameOf(pod: Pod, { name }: ContainerStatus, instanceLabel: string): string {
  return `container ${name} of instance ${instanceOf(pod, instanceLabel)}`;
}

/** The names of Jobs' pods are another each time. */
export function instanceOf({ metadata }: Pod, instanceLabel: string): string {
  return metadata.labels?.[instanceLabel] ?? metadata.name;
}
