/** Whether the caller may install the module: make its objects, and grant it what it may do. */
import { moduleNamespace } from "../../capabilities/claim/names";
import { rights, rightsOfPepr, type Rule } from "../../capabilities/rights";
import { notKnown, ok, problem, warning, type Finding } from "./finding";
import { seenValue, whyUnknown, type Act, type Answered, type Surveyed } from "./surveyed";

const subject = "Rights";
const shownAtMost = 4;

/** Server-side apply of what is not there is both. */
const applying = ["create", "patch"] as const;

/** What `npx pepr deploy` (1.1.4) applies, by group. */
const ofCluster: readonly (readonly [group: string, resource: string])[] = [
  ["", "namespaces"],
  ["rbac.authorization.k8s.io", "clusterroles"],
  ["rbac.authorization.k8s.io", "clusterrolebindings"],
  ["admissionregistration.k8s.io", "mutatingwebhookconfigurations"],
  ["admissionregistration.k8s.io", "validatingwebhookconfigurations"],
  ["apiextensions.k8s.io", "customresourcedefinitions"],
];

const ofNamespace: readonly (readonly [group: string, resource: string])[] = [
  ["", "serviceaccounts"],
  ["", "secrets"],
  ["", "services"],
  ["rbac.authorization.k8s.io", "roles"],
  ["rbac.authorization.k8s.io", "rolebindings"],
  ["apps", "deployments"],
];

export const deploying: readonly Act[] = [
  ...ofCluster.flatMap(([group, resource]) => applying.map(verb => ({ verb, group, resource }))),
  ...ofNamespace.flatMap(([group, resource]) =>
    applying.map(verb => ({ verb, group, resource, namespace: moduleNamespace })),
  ),
];

/** Who has these may grant what they do not have: https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping */
export const granting: readonly Act[] = ["escalate", "bind"].map(verb => ({
  ...{ verb, group: "rbac.authorization.k8s.io", resource: "clusterroles" },
}));

/** All that the module's ClusterRole holds, which others may grant only if they have it themselves. */
export const granted: readonly Act[] = [...rights, ...rightsOfPepr].flatMap(actsOf);

function actsOf({ apiGroups, resources, resourceNames = [], verbs }: Rule): readonly Act[] {
  const names = resourceNames.length === 0 ? [{}] : resourceNames.map(name => ({ name }));
  return apiGroups.flatMap(group =>
    resources.flatMap(path => {
      const [resource = "", subresource] = path.split("/");
      const what = { group, resource, ...(subresource === undefined ? {} : { subresource }) };
      return names.flatMap(name => verbs.map(verb => ({ verb, ...what, ...name })));
    }),
  );
}

/** Whether all of them are known to be allowed. */
export function isAllowed(answers: readonly Answered[]): boolean {
  return answers.every(({ allowed }) => seenValue(allowed) === true);
}

/** Where the module is installed already, others than those who install it may ask. */
export function rightsFindings(
  { rights: asked }: Pick<Surveyed, "rights">,
  isInstalled: boolean,
): readonly Finding[] {
  const toGrant = isAllowed(asked.granting) ? [] : asked.granted;
  const needed = [...asked.deploying, ...toGrant];
  const denied = needed.filter(({ allowed }) => seenValue(allowed) === false);
  if (denied.length > 0) {
    const said = `you may not ${listed(wordsOf(denied.map(({ act }) => act)))}`;
    const remedy = "have a cluster admin run npx pepr deploy";
    return [(isInstalled ? warning : problem)(subject, said, remedy)];
  }
  const why = needed.map(({ allowed }) => whyUnknown(allowed)).find(one => one !== undefined);
  if (why !== undefined) return [notKnown(subject, why)];
  return [ok(subject, "you may do all that npx pepr deploy does")];
}

/** The verbs of each resource together: `create/patch namespaces`. */
function wordsOf(acts: readonly Act[]): readonly string[] {
  const verbsOf = new Map<string, readonly string[]>();
  for (const act of acts) {
    const what = resourceOf(act);
    verbsOf.set(what, [...(verbsOf.get(what) ?? []), act.verb]);
  }
  return [...verbsOf].map(([what, verbs]) => `${[...new Set(verbs)].join("/")} ${what}`);
}

function resourceOf({ group, resource, subresource, namespace }: Act): string {
  const path = subresource === undefined ? resource : `${resource}/${subresource}`;
  const what = group === "" ? path : `${path}.${group}`;
  return `${what}${namespace === undefined ? "" : ` in ${namespace}`}`;
}

function listed(words: readonly string[]): string {
  const more = words.length - shownAtMost;
  const shown = words.slice(0, shownAtMost).join(", ");
  return more > 0 ? `${shown} and ${more} more` : shown;
}
