/**
 * When the webhook's certificate ends. What the API server trusts is in the webhook configuration for all to read who may read that: the
 * Secret with the certificate has its key as well, and is not asked for.
 */
import { X509Certificate } from "node:crypto";
import {
  certificateTextsIn,
  configurationName,
  entryName,
  generatedName,
} from "../../capabilities/pepr/webhook-entry";
import { notKnown, ok, problem, warning, type Finding } from "./finding";
import { seenValue, whyUnknown, type Surveyed, type WebhookConfiguration } from "./surveyed";

const subject = "Certificate";
const remedy = "npx pepr deploy makes a new one, without a gap: docs/upgrading.md";
const dayMs = 24 * 60 * 60 * 1000;
/** Warned of before. */
const noticeDays = 30;

/** Where no configuration is there, nothing is said: the module is not installed. */
export function certificateFindings({
  webhooks,
  now,
}: Pick<Surveyed, "now" | "webhooks">): readonly Finding[] {
  const why = webhooks.map(one => whyUnknown(one)).find(one => one !== undefined);
  if (why !== undefined) return [notKnown(subject, why)];
  const found = webhooks.flatMap(one => seenValue(one) ?? []);
  if (found.length === 0) return [];
  const ends = found.map(endOf);
  const known = ends.filter(end => end !== undefined);
  if (known.length < ends.length) {
    return [notKnown(subject, `${configurationName} has no certificate that can be read`, remedy)];
  }
  return [endFinding(Math.min(...known), now)];
}

function endFinding(end: number, now: Date): Finding {
  const date = new Date(end).toISOString().slice(0, 10);
  const days = Math.floor((end - now.getTime()) / dayMs);
  if (days < 0) {
    return problem(subject, `ended on ${date}: no claim can be made or changed`, remedy);
  }
  if (days <= noticeDays) return warning(subject, `ends on ${date}, in ${days} days`, remedy);
  return ok(subject, `ends on ${date}, in ${days} days`);
}

/** Of those that pods of several builds have, the last: it is of the pods that stay. In ms; undefined where none can be read. */
function endOf({ webhooks = [] }: WebhookConfiguration): number | undefined {
  const names = [entryName, generatedName];
  const entries = names.flatMap(name => webhooks.find(one => one.name === name) ?? []);
  const ends = endsIn(entries[0]?.clientConfig?.caBundle ?? "");
  return ends.length === 0 ? undefined : Math.max(...ends);
}

function endsIn(caBundle: string): readonly number[] {
  const text = Buffer.from(caBundle, "base64").toString("utf8");
  return certificateTextsIn(text).flatMap(one => {
    try {
      return Date.parse(new X509Certificate(one).validTo);
    } catch {
      return [];
    }
  });
}
