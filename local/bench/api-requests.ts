// What the API server was asked, from its own metrics: https://kubernetes.io/docs/reference/instrumentation/metrics/
import type { ControlPlane } from "../control-plane/servers";

/** Requests by `VERB resource`, such as `PATCH postgresinstances/status`. */
export type RequestCounts = ReadonlyMap<string, number>;

const line = /^apiserver_request_total\{(?<labels>.*)\} (?<value>[0-9.e+]+)$/;

/** All requests since the API server's start, refused ones included. */
export async function requestCounts({
  kubectl,
}: Pick<ControlPlane, "kubectl">): Promise<RequestCounts> {
  const { stdout } = await kubectl(["get", "--raw", "/metrics"]);
  const counts = new Map<string, number>();
  for (const text of stdout.split("\n")) {
    const { labels = "", value = "0" } = line.exec(text)?.groups ?? {};
    const label = (name: string): string =>
      new RegExp(`\\b${name}="([^"]*)"`).exec(labels)?.[1] ?? "";
    const [verb, resource, part] = [label("verb"), label("resource"), label("subresource")];
    if (resource === "") continue;
    const key = `${verb} ${resource}${part === "" ? "" : `/${part}`}`;
    counts.set(key, (counts.get(key) ?? 0) + Number(value));
  }
  return counts;
}

/** What was asked between two counts. */
export function between(before: RequestCounts, after: RequestCounts): RequestCounts {
  const keys = [...new Set([...before.keys(), ...after.keys()])];
  const differences = keys.map(
    key => [key, (after.get(key) ?? 0) - (before.get(key) ?? 0)] as const,
  );
  return new Map(differences.filter(([, count]) => count !== 0));
}
