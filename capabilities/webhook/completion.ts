/** What the webhook writes into a claim of any kind that it lets pass. */
import type { a } from "pepr";
import type { AnyClaim } from "../claim/claim";
import { finalizer } from "../claim/names";

type Raw = a.GenericKind;

/** What the claim asks for, with what its author has left out. */
export function fillIn(raw: Raw, { spec, writeConnectionSecretToRef: ref }: AnyClaim): void {
  Object.assign(raw, { spec }, ref === undefined ? {} : { writeConnectionSecretToRef: ref });
}

/** Keeps the claim until the module has let it go. */
export function hold(raw: Raw): void {
  raw.metadata ??= {};
  raw.metadata.finalizers = [...new Set([...(raw.metadata.finalizers ?? []), finalizer])];
}
