/** Reads what the checks are about. What does not depend on each other is asked for side by side, and nothing is waited for long. */
import { setMaxListeners } from "node:events";
import type { PostgresClass } from "../../capabilities/claim/class";
import { policiesPath, servesPolicies } from "../../capabilities/claim/injection";
import {
  classResource,
  claimResource,
  moduleNamespace,
  namespacesWithoutAdmission,
} from "../../capabilities/claim/names";
import { collectionPath } from "../../capabilities/cluster/paths";
import { definitions } from "../../capabilities/crd/crd";
import { apiVersionOf, keyOf, refOf } from "../../capabilities/kubernetes/objects";
import { fieldOf, isRecord, textIn } from "../../capabilities/kubernetes/record";
import { configurationName } from "../../capabilities/pepr/webhook-entry";
import type { Access } from "../../sdk/cluster/access";
import { create, read, tryToCreate } from "../../sdk/cluster/requests";
import { isDatabaseError } from "../../sdk/errors";
import { requestDefinition } from "./definitions";
import { listSeen, objectSeen, wordsOf } from "./look";
import { knownOperators } from "./operators";
import { deploying, granted, granting, isAllowed } from "./rights";
import {
  seenValue,
  type Act,
  type Answered,
  type Backend,
  type Definition,
  type Deployment,
  type Rights,
  type Seen,
  type StorageClass,
  type Surveyed,
  type Trial,
  type WebhookConfiguration,
} from "./surveyed";

/** In ms: for one answer, and for all of them. */
const longest = { answer: 10_000, survey: 60_000 } as const;
/** So many rights are asked about at a time. */
const atATime = 16;

/** All that the checks ask for. Throws only where the API server does not answer at all. */
export async function survey(asked: Access, now: Date): Promise<Surveyed> {
  const signal = AbortSignal.timeout(longest.survey);
  // Every request listens to it.
  setMaxListeners(0, signal);
  const patience = Math.min(asked.patience ?? longest.answer, longest.answer);
  const access = { ...asked, patience, signal };
  const version = await read(access, "/version");
  const [policies, seen, operators, module, webhooks, storageClasses, classes, rights, trial] =
    await Promise.all([
      policiesServed(access),
      definitionsSeen(access),
      operatorsSeen(access),
      moduleSeen(access),
      webhooksSeen(access),
      listSeen<StorageClass>(access, "/apis/storage.k8s.io/v1/storageclasses"),
      listSeen<PostgresClass>(access, collectionPath(classResource)),
      rightsOf(access),
      tryClaim(access),
    ]);
  const kubernetes = textIn(version.body, "gitVersion") ?? "";
  return {
    ...{ now, kubernetes, policies, definitions: seen, operators, module, webhooks },
    ...{ storageClasses, classes, rights, trial },
  };
}

async function policiesServed(access: Access): Promise<Seen<boolean>> {
  const seen = await objectSeen<unknown>(access, policiesPath);
  return "unknown" in seen ? seen : { value: servesPolicies(seen.value) };
}

async function definitionsSeen(access: Access): Promise<Surveyed["definitions"]> {
  const names = [
    ...definitions.map(({ metadata }) => metadata.name),
    ...Object.values(knownOperators).map(({ definition }) => definition),
    requestDefinition,
  ];
  const seen = names.map(async name => {
    const path = `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${name}`;
    return [name, await objectSeen<Definition>(access, path)] as const;
  });
  return Object.fromEntries(await Promise.all(seen));
}

async function operatorsSeen(access: Access): Promise<Surveyed["operators"]> {
  const [cnpg, zalando] = await Promise.all([
    deploymentsSeen(access, "cnpg"),
    deploymentsSeen(access, "zalando"),
  ]);
  return { cnpg, zalando };
}

/** By its label, and by its image's name, which is what its Deployment is called where a manifest has no such label. */
async function deploymentsSeen(
  access: Access,
  backend: Backend,
): Promise<Seen<readonly Deployment[]>> {
  const { label, image } = knownOperators[backend];
  const selectors = [{ labelSelector: label }, { fieldSelector: `metadata.name=${image}` }];
  const lists = await Promise.all(
    selectors.map(async selector => {
      const query = new URLSearchParams(selector).toString();
      return listSeen<Deployment>(access, `/apis/apps/v1/deployments?${query}`);
    }),
  );
  const failed = lists.find(list => "unknown" in list);
  if (failed) return failed;
  const all = lists.flatMap(list => seenValue(list) ?? []);
  return { value: [...new Map(all.map(one => [keyOf(refOf(one)), one])).values()] };
}

async function moduleSeen(access: Access): Promise<Surveyed["module"]> {
  const path = `/apis/apps/v1/namespaces/${moduleNamespace}/deployments/${configurationName}`;
  const [admission, watcher] = await Promise.all([
    objectSeen<Deployment>(access, path),
    objectSeen<Deployment>(access, `${path}-watcher`),
  ]);
  return { admission, watcher };
}

async function webhooksSeen(access: Access): Promise<Surveyed["webhooks"]> {
  const plurals = ["mutatingwebhookconfigurations", "validatingwebhookconfigurations"];
  const paths = plurals.map(
    plural => `/apis/admissionregistration.k8s.io/v1/${plural}/${configurationName}`,
  );
  return Promise.all(paths.map(async path => objectSeen<WebhookConfiguration>(access, path)));
}

/** Each right of the module's is asked for only of those who cannot hand on what they do not have. */
async function rightsOf(access: Access): Promise<Rights> {
  const asked = await answersTo(access, [...deploying, ...granting]);
  const byGranting = asked.slice(deploying.length);
  return {
    deploying: asked.slice(0, deploying.length),
    granting: byGranting,
    granted: isAllowed(byGranting) ? [] : await answersTo(access, granted),
  };
}

async function answersTo(access: Access, acts: readonly Act[]): Promise<readonly Answered[]> {
  const answers: Answered[] = [];
  for (let first = 0; first < acts.length; first += atATime) {
    const some = acts.slice(first, first + atATime);
    answers.push(...(await Promise.all(some.map(async act => answerTo(access, act)))));
  }
  return answers;
}

/** https://kubernetes.io/docs/reference/kubernetes-api/authorization-resources/self-subject-access-review-v1/ */
async function answerTo(access: Access, act: Act): Promise<Answered> {
  const review = {
    apiVersion: "authorization.k8s.io/v1",
    kind: "SelfSubjectAccessReview",
    spec: { resourceAttributes: act },
  };
  const path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
  try {
    const { body } = await create(access, path, review);
    const allowed = fieldOf(fieldOf(body, "status"), "allowed");
    return { act, allowed: { value: allowed === true } };
  } catch (fault) {
    return { act, allowed: { unknown: wordsOf(access, fault) } };
  }
}

/** A claim that is judged and not stored; in a namespace that Pepr leaves out nobody would judge it. */
async function tryClaim(access: Access): Promise<Trial> {
  const isLeftOut = namespacesWithoutAdmission.some(name => name === access.namespace);
  const namespace = isLeftOut ? "default" : access.namespace;
  const claim = {
    apiVersion: apiVersionOf(claimResource),
    kind: claimResource.kind,
    metadata: { name: "zero-touch-postgres-check", namespace },
    spec: {},
  };
  try {
    const path = collectionPath(claimResource, namespace);
    const { code, body } = await tryToCreate(access, path, claim);
    return code === 404 ? unmade(body) : { outcome: "made", claim: body };
  } catch (fault) {
    const isForbidden = isDatabaseError(fault) && fault.code === "forbidden";
    return { outcome: isForbidden ? "forbidden" : "failed", message: wordsOf(access, fault) };
  }
}

/** The kind, or the namespace, is not there. */
function unmade(body: unknown): Trial {
  const { details, message } = isRecord(body) ? body : {};
  if (textIn(details, "kind") !== "namespaces") return { outcome: "not served" };
  return { outcome: "forbidden", message: String(message) };
}
