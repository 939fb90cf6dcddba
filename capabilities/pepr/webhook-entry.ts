/**
 * The entry in the webhook configurations by which the API server calls admission: ours, so that one build of the module can take
 * the place of another without a gap. Pepr 1.1.4: every build comes with another certificate and path, and `pepr deploy` puts
 * them into its own entry before any pod serves them: for seconds every call fails. So that entry is made to match nothing, and
 * ours, which server-side apply leaves alone, keeps its path and trusts the certificates of the pods that are there and that come.
 * Goes when Pepr keeps certificate and path over a deployment.
 */
import { X509Certificate } from "node:crypto";
import { faultOf } from "../cluster/paths";
import type { ApiClient } from "../cluster/client";
import { claimKind, databaseClaimKind, fieldManager, group } from "../claim/names";
import { isRecord } from "../claim/schema";
import { isContained } from "../kubernetes/sameness";

/** https://kubernetes.io/docs/reference/kubernetes-api/extend-resources/mutating-webhook-configuration-v1/ */
export type Webhook = {
  readonly name: string;
  readonly clientConfig: {
    readonly caBundle?: string;
    readonly service?: { readonly path?: string };
  };
  readonly objectSelector?: unknown;
  readonly matchConditions?: unknown;
};

/** Entries beside ours that call the same pods: made of ours, for what is called otherwise. */
export type Beside = (entry: Webhook) => readonly Webhook[];

export type WebhookConfiguration = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly resourceVersion?: string };
  readonly webhooks?: readonly Webhook[];
};

/** What is applied to a configuration: of Pepr's entry no more than that it is never called. */
export type EntryPatch = Omit<WebhookConfiguration, "webhooks"> & {
  readonly webhooks: readonly [Pick<Webhook, "name" | "objectSelector">, Webhook, ...Webhook[]];
};

/** As Pepr 1.1.4 names them: `pepr-` and the module's uuid. */
export const configurationName = "pepr-zero-touch-postgres";
/** Pepr's own entry. */
export const generatedName = `${configurationName}.pepr.dev`;
/** Users see it before each refusal. */
export const entryName = `admission.${group}`;

export type ConfigurationPlural =
  | "mutatingwebhookconfigurations"
  | "validatingwebhookconfigurations";

/** No object both has a label and has it not. */
const neverKey = `${group}/never`;
const nothing = {
  matchExpressions: [
    { key: neverKey, operator: "Exists" },
    { key: neverKey, operator: "DoesNotExist" },
  ],
};

const claimKinds = [claimKind, databaseClaimKind].map(kind => `'${kind}'`).join(", ");

/**
 * What is on its way out is not judged (`isExempt`), so it can go while admission is away: taking off a finalizer is an update too.
 * In a deletion there is no object. https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#matching-requests-matchconditions
 */
const matchConditions = [
  {
    name: "not-on-its-way-out",
    expression: "object == null || !has(object.metadata.deletionTimestamp)",
  },
  // The deletion of a claim is judged only where something may speak against it: all else can go while admission is away.
  {
    name: "deletes-no-claim-that-may-go",
    expression: `request.operation != 'DELETE' || !(request.kind.kind in [${claimKinds}]) || (has(oldObject.spec) && (has(oldObject.spec.share) || (has(oldObject.spec.deletionProtection) && oldObject.spec.deletionProtection)))`,
  },
];

/** Of so many builds there may be pods at once, those on their way out included. */
const mostCertificates = 4;
/** Another pod may write between our reading and writing; then both are done again. */
const mostTries = 10;

/**
 * What is to be applied so that the API server calls pods with this certificate as well; undefined if there is nothing to do.
 * Where Pepr's webhook is called by URL, as with `pepr dev`, it stays as Pepr has it.
 */
export function entryPatch(
  found: WebhookConfiguration,
  certificate: string,
  { now, beside }: { readonly now: Date; readonly beside: Beside },
): EntryPatch | undefined {
  const { apiVersion, kind, metadata, webhooks = [] } = found;
  const generated = webhooks.find(({ name }) => name === generatedName);
  if (!generated?.clientConfig.service) return undefined;
  const ours = webhooks.find(({ name }) => name === entryName);
  const never = { name: generatedName, objectSelector: nothing };
  const entry = entryLike(generated, ours, bundleWith(ours, certificate, now));
  const wanted = [never, entry, ...beside(entry)] as const;
  if (isThere(wanted, webhooks)) return undefined;
  const { name, resourceVersion = "" } = metadata;
  return { apiVersion, kind, metadata: { name, resourceVersion }, webhooks: wanted };
}

/** All of them, and none of ours that is not wanted any more. */
function isThere(wanted: EntryPatch["webhooks"], webhooks: readonly Webhook[]): boolean {
  const isOurs = ({ name }: Webhook): boolean => name.endsWith(`.${group}`);
  return (
    webhooks.filter(isOurs).length === wanted.length - 1 &&
    wanted.every(one =>
      isContained(
        one,
        webhooks.find(({ name }) => name === one.name),
      ),
    )
  );
}

/** Pepr's entry under our name and with our path: what it is called for may change with each build. */
function entryLike(generated: Webhook, ours: Webhook | undefined, caBundle: string): Webhook {
  const service = { ...generated.clientConfig.service, ...pathOf(ours) };
  const clientConfig = { service, caBundle };
  return { ...generated, name: entryName, objectSelector: {}, matchConditions, clientConfig };
}

function pathOf(webhook: Webhook | undefined): { readonly path?: string } {
  const path = webhook?.clientConfig.service?.path;
  return path === undefined ? {} : { path };
}

/**
 * The certificates that pods serve, this one included, rather than what signed them: the API server trusts a certificate that is
 * itself among its roots (Go's x509, Certificate.Verify), and a pod has no other.
 */
function bundleWith(ours: Webhook | undefined, certificate: string, now: Date): string {
  const bundle = Buffer.from(ours?.clientConfig.caBundle ?? "", "base64").toString("utf8");
  const known = certificatesIn(bundle).filter(({ validTo }) => Date.parse(validTo) > now.getTime());
  const own = certificatesIn(certificate);
  const isKnown = own.every(one => known.some(other => other.raw.equals(one.raw)));
  const all = isKnown ? known : [...known, ...own].slice(-mostCertificates);
  return Buffer.from(all.map(String).join(""), "utf8").toString("base64");
}

const certificatePattern = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function certificatesIn(text: string): X509Certificate[] {
  return certificateTextsIn(text).map(one => new X509Certificate(one));
}

/** The certificates of a text in PEM, each as its text: what is between its lines may still be none. */
export function certificateTextsIn(text: string): readonly string[] {
  return text.match(certificatePattern) ?? [];
}

/** The path by which ours is called, if it is there: its last part is what Pepr compares. */
export function entryPath({ webhooks = [] }: WebhookConfiguration): string | undefined {
  const ours = webhooks.find(({ name }) => name === entryName);
  return ours?.clientConfig.service?.path;
}

/**
 * Sees to it that the API server calls pods with this certificate, and gives the path by which it does: undefined where the
 * configuration is not there, or Pepr's own entry is left in charge.
 */
export async function joinEntry(
  api: ApiClient,
  plural: ConfigurationPlural,
  { certificate, beside }: { readonly certificate: string; readonly beside: Beside },
): Promise<string | undefined> {
  const path = `/apis/admissionregistration.k8s.io/v1/${plural}/${configurationName}`;
  for (let left = mostTries; ; left -= 1) {
    const { code, body } = await api({ method: "GET", path });
    if (code === 404) return undefined;
    if (code >= 300 || !isConfiguration(body)) throw faultOf(`reading ${plural}`, code, body);
    const patch = entryPatch(body, certificate, { now: new Date(), beside });
    if (!patch) return entryPath(body);
    const answer = await api({
      method: "PATCH",
      path: `${path}?fieldManager=${fieldManager}&force=true`,
      contentType: "application/apply-patch+yaml",
      body: patch,
    });
    if (answer.code < 300) return entryPath(patch as WebhookConfiguration);
    if (answer.code !== 409 || left === 0) {
      throw faultOf(`joining ${plural}`, answer.code, answer.body);
    }
  }
}

function isConfiguration(body: unknown): body is WebhookConfiguration {
  return isRecord(body) && isRecord(body.metadata);
}
