/** One look at something in a cluster, which tells a fault as what it is: nobody's end. */
import type { Access } from "../../sdk/cluster/access";
import { read } from "../../sdk/cluster/requests";
import { messageOf } from "../../sdk/fault";
import type { Seen } from "./surveyed";

/** What is there; undefined where it is not. */
export async function objectSeen<T>(access: Access, path: string): Promise<Seen<T>> {
  try {
    const { code, body } = await read(access, path);
    return { value: code === 404 ? undefined : (body as T) };
  } catch (fault) {
    return { unknown: wordsOf(access, fault) };
  }
}

export async function listSeen<T>(access: Access, path: string): Promise<Seen<readonly T[]>> {
  const seen = await objectSeen<{ readonly items?: readonly T[] }>(access, path);
  return "unknown" in seen ? seen : { value: seen.value?.items };
}

const forbidden =
  / cannot (\S+) resource "([^"]+)" in API group "([^"]*)"(?: in the namespace "([^"]+)")?/;

/** The path of a webhook is known to nobody but the API server, which says it all the same. */
const pathOfWebhook = /(Post "https?:\/\/[^/"]+)\/[^"]*"/;

/** What the API server says, without its address; of a right that is missing no more than which it is. */
export function wordsOf({ server }: Access, fault: unknown): string {
  const message = messageOf(fault).replace(`${server} refused: `, "").replace(pathOfWebhook, '$1"');
  const [, verb, resource, group, namespace] = forbidden.exec(message) ?? [];
  if (verb === undefined || resource === undefined) return message;
  const what = group ? `${resource}.${group}` : resource;
  return `you may not ${verb} ${what}${namespace === undefined ? "" : ` in ${namespace}`}`;
}
