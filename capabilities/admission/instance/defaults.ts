/** What the user left out of a claim. Defaulting twice is defaulting once, and nothing that the user set is changed. */
import { requestOf, type Claim, type ConnectionRef, type Size } from "../../claim/claim";
import type { Class } from "../../claim/class";
import { annotations } from "../../claim/names";
import { given } from "../../kubernetes/given";

/**
 * The claim with everything filled in that must not follow later changes of the class: class, version and storage are kept
 * as they were (`old`), or come from the class; names of database and owner are kept if they were given. `instances` stays
 * open, so that it follows size and class. Without a class (it names one that is not there) only what needs none is filled in.
 */
export function withDefaults(
  claim: Claim,
  old: Claim | undefined,
  chosen: Class | undefined,
): Claim {
  const { spec } = claim;
  const size = spec.size ?? "small";
  const { className, version, storageGB, databaseName, databaseOwner } = old?.spec ?? {};
  const defaults = {
    className: className ?? chosen?.name,
    version: version ?? chosen?.versions.default,
    storageGB: storageGB ?? storageOf(size, chosen),
    databaseName,
    databaseOwner,
  };
  return {
    ...claim,
    ...keptRequest(claim, old),
    spec: {
      ...given(defaults),
      ...spec,
      size,
      ...refDefault(claim, spec.writeConnectionSecretToRef),
    },
    ...refDefault(claim, claim.writeConnectionSecretToRef),
  };
}

/** Which request made the claim stays known, also where someone applies a manifest that does not say it. */
function keptRequest(claim: Claim, old: Claim | undefined): Pick<Claim, "metadata"> {
  const mark = requestOf(claim) ?? (old && requestOf(old));
  if (mark === undefined) return { metadata: claim.metadata };
  return { metadata: { ...claim.metadata, annotations: { [annotations.kratixRequest]: mark } } };
}

function storageOf(size: Size, chosen: Class | undefined): number | undefined {
  return chosen?.sizes[size]?.storageGB ?? chosen?.defaultGB;
}

function refDefault(
  claim: Claim,
  ref: ConnectionRef | undefined,
): { readonly writeConnectionSecretToRef?: ConnectionRef } {
  const namespace = ref?.namespace ?? claim.metadata.namespace;
  if (!ref || namespace === undefined) return {};
  return { writeConnectionSecretToRef: { ...ref, namespace } };
}
