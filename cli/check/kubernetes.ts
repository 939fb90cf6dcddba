/** Whether the API server has what the module uses. */
import { notKnown, ok, problem, warning, type Finding } from "./finding";
import { whyUnknown, seenValue, type Surveyed } from "./surveyed";
import { isBefore, versionIn } from "./version";

const subject = "Kubernetes";

/**
 * Since then rules of a CRD may name the field that they are about (`fieldPath`, https://kep.k8s.io/2876), and webhooks are called by
 * `matchConditions` (https://kep.k8s.io/3716) without a feature gate. Both are used.
 */
const oldest = [1, 28, 0] as const;
/** The version that all tests run on. */
const tried = [1, 36, 0] as const;

export function kubernetesFindings({
  kubernetes,
  policies,
}: Pick<Surveyed, "kubernetes" | "policies">): readonly Finding[] {
  return [versionFinding(kubernetes), injectionFinding(policies)];
}

function versionFinding(said: string): Finding {
  const version = versionIn(said);
  // Whoever builds it without saying which gets 0.0.0.
  if (!version || version.major === 0) {
    return notKnown(subject, `${JSON.stringify(said)} is no version of Kubernetes`);
  }
  if (isBefore(version, oldest)) {
    const uses = "fieldPath in the rules of its CRDs and matchConditions of its webhook";
    return problem(subject, `${said} is too old: the module uses ${uses}`, "upgrade it to 1.28");
  }
  if (isBefore(version, tried)) {
    const untried = `${said} has all that the module uses, but its tests run on 1.36`;
    return warning(subject, untried, "run npm run e2e on a cluster of this version first");
  }
  return ok(subject, said);
}

/** Both ways fill the same variables. */
function injectionFinding(policies: Surveyed["policies"]): Finding {
  const why = whyUnknown(policies);
  if (why !== undefined) return notKnown("Injection", why);
  return seenValue(policies) === true
    ? ok("Injection", "by the API server, with what `zero-touch-postgres injection` prints")
    : ok("Injection", "by the module's webhook, since this Kubernetes serves no policies for it");
}
