/** What a claim or class can ask for that means something to other operators alone. */
import type { Claim } from "../../claim/claim";
import type { ClassSpec } from "../../claim/class";
import type { Violation } from "../../claim/violation";

export function unsupported({ spec }: Claim): readonly Violation[] {
  if (spec.teamId === undefined) return [];
  return [
    {
      field: "spec.teamId",
      problem:
        "means something to Zalando's operator alone, and the class of this claim is CloudNativePG's: leave it out",
    },
  ];
}

export function unsupportedByClass({ zalando }: ClassSpec): readonly Violation[] {
  if (zalando === undefined) return [];
  return [{ field: "spec.zalando", problem: "goes with spec.backend zalando: leave it out" }];
}
