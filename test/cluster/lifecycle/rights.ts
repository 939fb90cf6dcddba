/** Rights of the module in a live cluster: what its ClusterRole grants, taken away for a while, and what was missed then. */
import { readFile } from "node:fs/promises";
import type { Rule } from "../../../capabilities/rights";
import { auditEvents, moduleName, moduleNamespace, rightOf } from "../cluster";
import type { LocalCluster } from "../local";
import { auditMark } from "./audit";

/** A verb, then group and resource: `patch database.bizmatters.io postgresinstances/status`. */
export type Right = string;

type Role = { readonly metadata: object; readonly rules: readonly Rule[] };

export const serviceAccount = `system:serviceaccount:${moduleNamespace}:${moduleName}`;

async function roleOf({ kubectl }: LocalCluster): Promise<Role> {
  return JSON.parse(await kubectl(["get", "clusterrole", moduleName, "-o", "json"])) as Role;
}

function rightIn(verb: string, group: string, resource: string): Right {
  return [verb, group, resource].filter(part => part !== "").join(" ");
}

/** All that a rule grants. */
export function rightsIn({ apiGroups, resources, verbs }: Rule): Right[] {
  return apiGroups.flatMap(group =>
    resources.flatMap(resource => verbs.map(verb => rightIn(verb, group, resource))),
  );
}

/** Every right that the ClusterRole grants. */
export async function grantedRights(cluster: LocalCluster): Promise<readonly Right[]> {
  const { rules } = await roleOf(cluster);
  return [...new Set(rules.flatMap(rightsIn))].sort();
}

/** One rule for each right, less those. */
function without(rules: readonly Rule[], taken: readonly Right[]): Rule[] {
  return rules.flatMap(rule =>
    rule.apiGroups.flatMap(group =>
      rule.resources.flatMap(resource => {
        const left = rule.verbs.filter(verb => !taken.includes(rightIn(verb, group, resource)));
        return left.length === 0
          ? []
          : [{ ...rule, apiGroups: [group], resources: [resource], verbs: left }];
      }),
    ),
  );
}

async function setRules({ kubectl }: LocalCluster, rules: readonly Rule[]): Promise<void> {
  const patch = JSON.stringify([{ op: "replace", path: "/rules", value: rules }]);
  await kubectl(["patch", "clusterrole", moduleName, "--type=json", "-p", patch]);
}

/** Takes the rights away, does the work, and waits until each was missed; then all is as it was. */
export async function missed(
  cluster: LocalCluster,
  taken: readonly Right[],
  work: () => Promise<void>,
): Promise<void> {
  const { rules } = await roleOf(cluster);
  const mark = await auditMark(cluster);
  await setRules(cluster, without(rules, taken));
  try {
    await work();
    await cluster.eventually(`${taken.join(", ")} to be missed`, async () => {
      const forbidden = await forbiddenSince(cluster, mark);
      return taken.every(right => forbidden.includes(right)) ? true : undefined;
    });
  } finally {
    await setRules(cluster, rules);
  }
}

async function forbiddenSince({ access }: LocalCluster, mark: number): Promise<readonly Right[]> {
  const log = await readFile(access.auditLog ?? "");
  return auditEvents(log.subarray(mark).toString("utf8"))
    .filter(({ annotations = {} }) => annotations["authorization.k8s.io/decision"] === "forbid")
    .map(rightOf);
}
