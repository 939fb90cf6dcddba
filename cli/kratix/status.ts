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
export type Phase = "Committed" | "Error";

type Aspect = "Rendered" | "Committed" | "Applied" | "Ready";
type State = "True" | "False" | "Unknown";
type Saying = { readonly status: State; readonly reason: string; readonly message: string };

/**
 * The status after the request was rendered, of nothing but what the pipeline has done itself: it cannot see whether a destination has
 * applied anything. What earlier builds said of that is taken back.
 */
export function renderedStatus(
  request: Fields,
  { claim, chosen, operator: backend, ref }: Plan,
  rendered: Fields,
): Fields {
  const endpoint = backend.objects.endpoint(claim, chosen);
  return {
    phase: "Committed" satisfies Phase,
    message: `Committed: ${claim.spec.size ?? "small"} PostgreSQL ${claim.spec.version ?? ""} at ${endpoint}`,
    claim: recordOf(rendered),
    connectionDetails: {
      host: endpoint,
      port: 5432,
      database: databaseName(claim),
      username: databaseOwner(claim),
      secretRef: ref ?? backend.credentials.ref(claim, chosen),
    },
    conditions: conditionsOf(request, {
      Rendered: { status: "True", reason: "Rendered", message: "the request keeps all rules" },
      Committed: { status: "True", reason: "OutputWritten", message: "Kratix has the manifests" },
      ...takenBack(request),
    }),
  };
}

/** What the claim got when it was made, for later runs. */
function recordOf({ metadata, spec }: Fields): Fields {
  const { name, namespace, annotations } = isRecord(metadata) ? metadata : {};
  const { className } = isRecord(spec) ? spec : {};
  const isMarked = annotations !== undefined;
  return { name, namespace, ...given({ className }), ...(isMarked ? { isMarked } : {}) };
}

/** Kratix merges conditions by their types, so that one which is left out would stay. */
function takenBack({ status }: Fields): Readonly<Partial<Record<Aspect, Saying>>> {
  const known = knownConditions(isRecord(status) ? status : {});
  const types = (["Applied", "Ready"] as const).filter(type =>
    known.some(condition => condition.type === type),
  );
  const unknown: Saying = {
    status: "Unknown",
    reason: "NotReported",
    message: "the pipeline cannot see the destination: see status.healthStatus",
  };
  return Object.fromEntries(types.map(type => [type, unknown]));
}

/** The status after anything that went wrong. */
export function errorStatus(message: string): Fields {
  return {
    phase: "Error",
    message: `Error: ${message}`,
    conditions: conditionsOf({}, { Rendered: { status: "False", reason: "Error", message } }),
  };
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
