/** Checked by the compiler alone: every field that we write into a Cluster is one that CNPG publishes, at every depth. */
import type { ICluster } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/Cluster";
import type { ClusterSpec } from "../../../capabilities/operator/cnpg/cluster";

/** Paths of the fields of `Ours` that `Theirs` does not have; free maps and lists are not looked into. */
type Unknown<Ours, Theirs> = Ours extends readonly unknown[]
  ? never
  : Ours extends object
    ? string extends keyof Ours
      ? never
      : {
          [K in keyof Ours & string]: K extends keyof NonNullable<Theirs>
            ? `${K}.${Unknown<NonNullable<Ours[K]>, NonNullable<NonNullable<Theirs>[K]>>}`
            : K;
        }[keyof Ours & string]
    : never;

type None<T extends never> = T;

export type NothingUnknown = None<Unknown<ClusterSpec, ICluster["spec"]>>;

/** A field that CNPG does not have is found: else nothing above would say anything. */
export type Found = Unknown<{ readonly storage: { readonly sise: string } }, ICluster["spec"]>;
export const found: Found = "storage.sise";
