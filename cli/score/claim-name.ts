/** What the claim of a Score resource is called. */
import { createHash } from "node:crypto";
import { dns1035 } from "../../capabilities/claim/names";
import { maxNameLength } from "../../capabilities/operator/facts";
import type { ScoreRequest } from "./request";

/** Of the digest that tells two names apart. */
const digestLength = 8;

/**
 * The name that an earlier run chose, for as long as the resource has it: another name would be another database. A new one is made of
 * the resource's id (`shop.db` becomes `shop-db`), with a digest where that is no name, is too long, or another resource has it.
 */
export function claimName({ uid, id, claim, claims }: ScoreRequest): string {
  if (claim !== undefined) return claim;
  const plain = id
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^[^a-z]+|-+$/g, "");
  const isFree = !Object.hasOwn(claims, plain) || claims[plain] === uid;
  const isName = new RegExp(dns1035).test(plain) && plain.length <= maxNameLength;
  if (isName && isFree) return plain;
  const digest = createHash("sha256").update(uid).digest("hex").slice(0, digestLength);
  const short = plain.slice(0, maxNameLength - digestLength - 1).replace(/-+$/, "");
  return `${short === "" ? "db" : short}-${digest}`;
}
