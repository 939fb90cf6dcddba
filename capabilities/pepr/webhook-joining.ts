/**
 * Has the API server call this pod, and sees to it that it stays so: someone may replace a configuration as a whole. Pepr 1.1.4: each
 * deployment comes with its own certificate and path, and for seconds every call fails. Goes when Pepr keeps both over a deployment.
 */
import { startNameFeed, type FeedOptions } from "../cluster/feed";
import type { Resource } from "../kubernetes/objects";
import { besideOf } from "./entries-beside";
import { configurationName, joinEntry, type ConfigurationPlural } from "./webhook-entry";
import { acceptPath, servedCertificate } from "./webhook-server";

const plurals: readonly ConfigurationPlural[] = [
  "mutatingwebhookconfigurations",
  "validatingwebhookconfigurations",
];

/** Joins both configurations. Where the API server does not let it, Pepr's own way of being called stays. */
export async function joinWebhooks({ client, warn }: FeedOptions): Promise<void> {
  for (const plural of plurals) {
    try {
      const beside = await besideOf(client.api, plural);
      const certificate = servedCertificate();
      const path = await joinEntry(client.api, plural, { certificate, beside });
      if (path !== undefined) acceptPath(path);
    } catch (fault) {
      warn(`${String(fault)}; a redeployment will have a gap`);
    }
  }
}

/** Joins again whenever a configuration has changed. */
export function keepWebhooksJoined(options: FeedOptions): void {
  const again = (): void => void joinWebhooks(options);
  for (const plural of plurals) {
    startNameFeed(
      { resource: resourceOf(plural), fieldSelector: `metadata.name=${configurationName}` },
      { onName: again, onLost: again },
      options,
    );
  }
}

function resourceOf(plural: ConfigurationPlural): Resource {
  const kind = "WebhookConfiguration";
  return { group: "admissionregistration.k8s.io", version: "v1", kind, plural };
}
