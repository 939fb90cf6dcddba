/** What Zalando's operator 2.0.1 calls what it makes of a claim: https://postgres-operator.readthedocs.io/en/latest/reference/operator_parameters/ */
import { databaseOwner, type Claim } from "../../claim/claim";
import type { Class } from "../../claim/class";
import { refOf, type Ref, type Resource } from "../../kubernetes/objects";

export const postgresqlResource = {
  group: "acid.zalan.do",
  version: "v1",
  kind: "postgresql",
  plural: "postgresqls",
} as const satisfies Resource;

/** Labels of all that the operator makes: `cluster_labels` and `cluster_name_label` of its configuration, as they are by default. */
export const operatorLabel = { name: "application", value: "spilo" } as const;
export const clusterLabel = "cluster-name";
export const teamLabel = "team";

/** `secret_name_template` as it is by default. */
const defaultTemplate = "{username}.{cluster}.credentials.{tprkind}.{tprgroup}";

/** What a template may name. The namespace stays empty unless Secrets across namespaces are on. */
export const placeholders = ["username", "cluster", "namespace", "tprkind", "tprgroup"] as const;

/** The team of a claim's database; undefined where neither claim nor class names one. */
export function teamOf({ spec }: Claim, { zalando }: Class): string | undefined {
  return spec.teamId ?? zalando.teamId;
}

/** The name of the operator's object, and of what serves it. */
export function clusterName(claim: Claim, chosen: Class): string {
  const { name } = claim.metadata;
  const isPrefixed = chosen.zalando.clusterNamePrefix === "team";
  return isPrefixed ? `${teamOf(claim, chosen) ?? ""}-${name}` : name;
}

export function clusterRef(claim: Claim, chosen: Class): Ref {
  return { name: clusterName(claim, chosen), namespace: refOf(claim).namespace };
}

/** The names that a template can give. What it has for the namespace is left out of them, with its dot. */
export function secretNames(template = defaultTemplate): RegExp {
  const parts = template
    .replace(/^\{namespace\}\./, "")
    .split(/\{[^{}]*\}/)
    .map(part => part.replaceAll(".", "\\."));
  return new RegExp(`^${parts.join("[-a-z0-9.]*")}$`);
}

/** The Secret that the operator makes for the owner of the database. */
export function secretRef(claim: Claim, chosen: Class): Ref {
  const { secretNameTemplate = defaultTemplate } = chosen.zalando;
  const values: Readonly<Record<(typeof placeholders)[number], string>> = {
    username: databaseOwner(claim).replaceAll("_", "-"),
    cluster: clusterName(claim, chosen),
    namespace: "",
    tprkind: postgresqlResource.kind,
    tprgroup: postgresqlResource.group,
  };
  const name = placeholders.reduce(
    (text, placeholder) => text.replaceAll(`{${placeholder}}`, values[placeholder]),
    secretNameTemplate,
  );
  return { name: name.replace(/^\.+/, ""), namespace: refOf(claim).namespace };
}
