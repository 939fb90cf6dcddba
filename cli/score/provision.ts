/** Provisions a Score resource: a claim and what a workload may read of it. Pure. */
import { databaseName, type Claim } from "../../capabilities/claim/claim";
import type { PostgresClass } from "../../capabilities/claim/class";
import { specSchema } from "../../capabilities/claim/claim-schema";
import { claimKind, connectionSecretName, group, version } from "../../capabilities/claim/names";
import { schemaFaults } from "../../capabilities/claim/schema";
import type { Violation } from "../../capabilities/claim/violation";
import { judge } from "../../capabilities/admission/instance/judgement";
import { given } from "../../capabilities/kubernetes/given";
import { textIn } from "../../capabilities/kubernetes/record";
import { objectFaults } from "../review/object";
import type { Fields } from "../review/kinds";
import { claimName } from "./claim-name";
import { askedFields, inParams, paramFaults } from "./params";
import { sharedKey, type ScoreRequest } from "./request";

export type Platform = {
  /** The class of resources that name none; without it the claim leaves it to the cluster's default. */
  readonly className: string | undefined;
  /** The classes that are known; undefined where none was given, and the cluster judges what depends on them. */
  readonly classes: readonly PostgresClass[] | undefined;
};

/** What score-k8s takes as a provisioner's answer (score-k8s 0.15, internal/provisioners/core.go). */
export type Provisioned = {
  readonly resource_state: Fields;
  readonly shared_state: Fields;
  readonly resource_outputs: Fields;
  readonly manifests: readonly Fields[];
};

/** The answer, or everything that is wrong with the resource. */
export function provision(
  request: ScoreRequest,
  platform: Platform,
): Provisioned | readonly Violation[] {
  const claim = claimOf(request, platform);
  const faults = faultsOf(request, claim, platform);
  if (faults.length > 0) return faults;
  const { name } = claim.metadata;
  return {
    resource_state: { claim: name },
    shared_state: { [sharedKey]: { ...request.claims, [name]: request.uid } },
    resource_outputs: outputsOf(request, claim),
    manifests: [claim],
  };
}

/** The claim as asked for. Its fields are not judged yet. */
function claimOf(request: ScoreRequest, { className }: Platform): Claim {
  const { namespace: elsewhere, ...spec } = askedFields(request.params);
  const name = claimName(request);
  const namespace = elsewhere ?? (request.namespace === "" ? undefined : request.namespace);
  const isElsewhere = elsewhere !== undefined && elsewhere !== request.namespace;
  const claim = {
    apiVersion: `${group}/${version}`,
    kind: claimKind,
    metadata: { name, ...given({ namespace }) },
    spec: { ...given({ className }), ...spec },
    // A container takes values from Secrets of its own namespace alone.
    writeConnectionSecretToRef: {
      name: connectionSecretName(name),
      ...(isElsewhere ? { namespace: request.namespace } : {}),
    },
  };
  return claim as Claim;
}

function faultsOf(
  { params, namespace }: ScoreRequest,
  claim: Claim,
  { classes }: Platform,
): readonly Violation[] {
  const homeless = textIn(params, "namespace") !== undefined && namespace === "";
  const unknown = paramFaults(params);
  // Where the workload is to run must be known before its Secret can be written there.
  const astray = homeless
    ? [
        {
          field: "params.namespace",
          problem:
            "puts the database into another namespace than the workload, whose own is not known: give it to score-k8s generate with --namespace, or leave the param out",
        },
      ]
    : [];
  if (unknown.length + astray.length > 0) return [...unknown, ...astray];
  const known = objectFaults(claim, ["spec", "writeConnectionSecretToRef"]);
  return inParams(
    [...known, ...(classes ? judged(claim, classes) : judgedAnywhere(claim))],
    params,
  );
}

function judged(claim: Claim, classes: readonly PostgresClass[]): readonly Violation[] {
  return judge(claim, undefined, classes, []).violations;
}

/** What is wrong whichever class it gets: the rest is judged in the cluster, where the classes are. */
function judgedAnywhere(claim: Claim): readonly Violation[] {
  const { className = someClass } = claim.spec;
  const faults = judged({ ...claim, spec: { ...claim.spec, className } }, []);
  return faults.filter(({ field }) => field !== "spec.className" || !isClassName(claim));
}

/** None that is there: rules that depend on the class are then not asked. */
const someClass = "of-the-cluster";

/** A class that could be in the cluster: whether it is, is judged there. */
function isClassName({ spec: { className = someClass } }: Claim): boolean {
  return schemaFaults(specSchema.properties.className, className, "").length === 0;
}

/** Values are references to the Secret, so that they are in no file; what is no secret is said as it is. */
function outputsOf({ namespace }: ScoreRequest, claim: Claim): Fields {
  const { name } = claim.metadata;
  const secret = connectionSecretName(name);
  const from = (key: string): string => secretReference(secret, key);
  return {
    host: from("host"),
    port: from("port"),
    name: from("database"),
    database: from("database"),
    username: from("username"),
    password: from("password"),
    uri: from("uri"),
    connection_string: from("uri"),
    database_name: databaseName(claim),
    cluster_name: name,
    namespace: claim.metadata.namespace ?? namespace,
    credentials_secret: secret,
  };
}

/** score-k8s splits it at the first underscore, which no name of a Secret has. As its own `encodeSecretRef` writes it (internal/secrets.go); what it makes of it is a `secretKeyRef`. */
export function secretReference(secret: string, key: string): string {
  return `🔐💬${secret}_${key}💬🔐`;
}
