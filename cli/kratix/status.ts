/**
 * What the requester is told, as Kratix takes it from status.yaml: https://docs.kratix.io/main/reference/resources/status.
 * It merges conditions by their type and keeps its own; times come from there and are only handed on, so that the same input
 * gives the same bytes.
 */
import { databaseName, databaseOwner } from "../../capabilities/claim/claim";
import { given } from "../../capabilities/kubernetes/given";
import { isRecord } from "../../capabilities/claim/schema";
import type { Plan } from "../../capabilities/reconcile/plan";
import type { Fields } from "../review/kinds";

/** Kratix says Pending before the pipeline runs, and reads what it says only after it has ended: nothing can say Rendering. */
export type Phase = "Committed" | "Applied" | "Ready" | "Error";

type Aspect = "Rendered" | "Committed" | "Applied" | "Ready";
type State = "True" | "False" | "Unknown";
type Saying = { readonly status: State; readonly reason: string; readonly message: string };

/**
 * The status after the request was rendered. How far an earlier run of it has come is known from the request's own status, if
 * that is of this generation: https://docs.kratix.io/main/reference/resources/resource-status-events.
 */
export function renderedStatus(
  request: Fields,
  { claim, chosen, operator: backend }: Plan,
): Fields {
  const phase = phaseOf(request);
  const endpoint = backend.objects.endpoint(claim, chosen);
  return {
    phase,
    message: `${phase}: ${claim.spec.size ?? "small"} PostgreSQL ${claim.spec.version ?? ""} at ${endpoint}`,
    connectionDetails: {
      host: endpoint,
      port: 5432,
      database: databaseName(claim),
      username: databaseOwner(claim),
      secretRef: backend.credentials.ref(claim),
    },
    conditions: conditionsOf(request, {
      Rendered: { status: "True", reason: "Rendered", message: "the request keeps all rules" },
      Committed: { status: "True", reason: "OutputWritten", message: "Kratix has the manifests" },
      Applied: reached(
        phase === "Applied" || phase === "Ready",
        "the destination has the manifests",
      ),
      Ready: reached(phase === "Ready", "the database is healthy"),
    }),
  };
}

/** The status after anything that went wrong. */
export function errorStatus(message: string): Fields {
  return {
    phase: "Error",
    message: `Error: ${message}`,
    conditions: conditionsOf({}, { Rendered: { status: "False", reason: "Error", message } }),
  };
}

function reached(isReached: boolean, message: string): Saying {
  return isReached
    ? { status: "True", reason: "Reported", message }
    : { status: "Unknown", reason: "NotReported", message: `not known yet: whether ${message}` };
}

function phaseOf({ metadata, status }: Fields): Phase {
  const { generation } = isRecord(metadata) ? metadata : {};
  if (!isRecord(status) || status.observedGeneration !== generation) return "Committed";
  const { healthStatus } = status;
  if (isRecord(healthStatus) && healthStatus.state === "healthy") return "Ready";
  const worksSucceeded = knownConditions(status).find(({ type }) => type === "WorksSucceeded");
  return worksSucceeded?.status === "True" ? "Applied" : "Committed";
}

function conditionsOf(
  { status }: Fields,
  sayings: Readonly<Partial<Record<Aspect, Saying>>>,
): readonly Fields[] {
  const known = knownConditions(isRecord(status) ? status : {});
  return Object.entries(sayings).map(([type, saying]) => {
    const before = known.find(condition => condition.type === type);
    const isSame = before?.status === saying.status;
    return {
      type,
      ...saying,
      ...given({ lastTransitionTime: isSame ? before.lastTransitionTime : undefined }),
    };
  });
}

function knownConditions({ conditions }: Fields): readonly Fields[] {
  return Array.isArray(conditions) ? conditions.filter(isRecord) : [];
}
