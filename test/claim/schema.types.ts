/** Checked by the compiler alone: the types that FromSchema derives are those that one would write by hand. */
import type {
  ClaimCondition,
  ClaimSpec,
  ClaimStatus,
  ConnectionRef,
  Extension,
} from "../../capabilities/claim/claim";
import type { ClassSpec, SizeSpec, Toleration } from "../../capabilities/claim/class";
import type { FromSchema } from "../../capabilities/claim/schema";

/** Intersections written as one object, at every depth, so that equal types are the same. */
type Flat<T> = T extends readonly (infer I)[]
  ? readonly Flat<I>[]
  : T extends object
    ? { [K in keyof T]: Flat<T[K]> }
    : T;

/* eslint-disable @typescript-eslint/no-unnecessary-type-parameters -- the compiler calls such functions assignable only if A
   and B are identical: "assignable both ways" would let `any` through, and forget readonly. */
type IsSame<A, B> =
  (<T>() => T extends Flat<A> ? 1 : 2) extends <T>() => T extends Flat<B> ? 1 : 2 ? true : false;
/* eslint-enable @typescript-eslint/no-unnecessary-type-parameters */

type True<T extends true> = T;
type False<T extends false> = T;

type Ref = { readonly name: string; readonly namespace?: string };

export type ConnectionRefIs = True<IsSame<ConnectionRef, Ref>>;

type ExpectedExtension = {
  readonly name: string;
  readonly version?: string;
  readonly ensure?: "present" | "absent";
};

export type ExtensionIs = True<IsSame<Extension, ExpectedExtension>>;

export type ClaimSpecIs = True<
  IsSame<
    ClaimSpec,
    {
      readonly size?: "small" | "medium" | "large";
      readonly version?: string;
      readonly storageGB?: number;
      readonly parameters?: Readonly<Record<string, string>>;
      readonly hibernate?: boolean;
      readonly instances?: number;
      readonly className?: string;
      readonly teamId?: string;
      readonly databaseName?: string;
      readonly databaseOwner?: string;
      readonly extensions?: readonly ExpectedExtension[];
      readonly credentialsSecretName?: string;
      readonly pooler?: {
        readonly instances?: number;
        readonly mode?: "session" | "transaction";
      };
      readonly monitoring?: boolean;
      readonly deletionPolicy?: "Delete" | "Retain";
      readonly deletionProtection?: boolean;
      readonly backup?: {
        readonly enabled?: boolean;
        readonly schedule?: string;
        readonly retentionDays?: number;
      };
      readonly restore?: { readonly from: string };
      readonly access?: {
        readonly readOnly?: { readonly secretRef: { readonly name: string } };
        readonly readWrite?: { readonly secretRef: { readonly name: string } };
      };
      readonly share?: {
        readonly namespaces?: readonly string[];
        readonly selector?: { readonly matchLabels: Readonly<Record<string, string>> };
      };
      readonly connectionSecretName?: string;
      readonly writeConnectionSecretToRef?: Ref;
    }
  >
>;

type Condition = {
  readonly type: string;
  readonly status: "True" | "False" | "Unknown";
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
  readonly lastTransitionTime: string;
};

export type ConditionIs = True<IsSame<ClaimCondition, Condition>>;

type ExpectedBackup = {
  readonly place?: string;
  readonly schedule?: string;
  readonly since?: string;
  readonly next?: string;
  readonly lastSuccess?: {
    readonly time: string;
    readonly job: string;
    readonly name?: string;
    readonly bytes?: number;
  };
  readonly lastFailure?: {
    readonly time: string;
    readonly job: string;
    readonly message: string;
  };
  readonly available?: readonly string[];
};

export type ClaimStatusIs = True<
  IsSame<
    ClaimStatus,
    {
      readonly observedGeneration?: number;
      readonly phase?: "Pending" | "Provisioning" | "Ready" | "Failed" | "Deleting";
      readonly instances?: number;
      readonly readyInstances?: number;
      readonly primary?: string;
      readonly version?: string;
      readonly endpoint?: string;
      readonly binding?: { readonly name: string };
      readonly connectionSecretRef?: {
        readonly name: string;
        readonly namespace: string;
        readonly uid: string;
      };
      readonly backup?: ExpectedBackup;
      readonly restore?: {
        readonly from: string;
        readonly state: "Running" | "Succeeded" | "Failed";
        readonly restored?: string;
        readonly safety?: string;
        readonly message?: string;
      };
      readonly access?: {
        readonly granted: string;
        readonly state: "Running" | "Failed" | "Granted";
        readonly message?: string;
      };
      readonly conditions?: readonly Condition[];
    }
  >
>;

type Amount = { readonly request: string; readonly limit: string };

type ExpectedSize = {
  readonly instances?: number;
  readonly storageGB?: number;
  readonly cpu: Amount;
  readonly memory: Amount;
};

export type SizeIs = True<IsSame<SizeSpec, ExpectedSize>>;

type ExpectedToleration = {
  readonly key?: string;
  readonly operator?: "Equal" | "Exists";
  readonly value?: string;
  readonly effect?: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
  readonly tolerationSeconds?: number;
};

export type TolerationIs = True<IsSame<Toleration, ExpectedToleration>>;

export type ClassSpecIs = True<
  IsSame<
    ClassSpec,
    {
      readonly backend?: "cnpg" | "zalando";
      readonly zalando?: {
        readonly teamId?: string;
        readonly clusterNamePrefix?: "none" | "team";
        readonly secretNameTemplate?: string;
      };
      readonly deletionPolicies?: {
        readonly default?: "Delete" | "Retain";
        readonly allowed?: readonly ("Delete" | "Retain")[];
      };
      readonly shared?: { readonly maxDatabases?: number; readonly connectionLimit?: number };
      readonly versions?: { readonly default: string; readonly allowed: readonly string[] };
      readonly image?: string;
      readonly imagePullSecrets?: readonly string[];
      readonly durability?: "preferred" | "required";
      readonly storage?: { readonly defaultGB?: number; readonly storageClassName?: string };
      readonly placement?: {
        readonly nodeSelector?: Readonly<Record<string, string>>;
        readonly spread?: "preferred" | "required";
        readonly tolerations?: readonly ExpectedToleration[];
      };
      readonly extensions?: { readonly allowed: readonly string[] };
      readonly tls?: {
        readonly sslmode: "disable" | "prefer" | "require" | "verify-ca" | "verify-full";
      };
      readonly backup?: {
        readonly method: "dump";
        readonly volume?: {
          readonly nfs?: { readonly server: string; readonly path: string };
          readonly persistentVolumeClaim?: string;
        };
        readonly schedule?: string;
        readonly retentionDays?: number;
        readonly maxRetentionDays?: number;
        readonly required?: boolean;
        readonly image?: string;
      };
      readonly clusterDomain?: string;
      readonly sizes?: {
        readonly small?: ExpectedSize;
        readonly medium?: ExpectedSize;
        readonly large?: ExpectedSize;
      };
    }
  >
>;

type Bare<Type extends "object" | "array" | "string" | "integer" | "boolean"> = FromSchema<{
  readonly type: Type;
  readonly description: "";
}>;

export type BooleanIs = True<IsSame<Bare<"boolean">, boolean>>;
export type IntegerIs = True<IsSame<Bare<"integer">, number>>;
export type StringIs = True<IsSame<Bare<"string">, string>>;
export type ArrayIs = True<IsSame<Bare<"array">, readonly unknown[]>>;

/** Types that are not the same are told apart: else nothing above would say anything. */
export type TooFew = False<IsSame<ConnectionRef, { readonly name: string }>>;
export type TooMany = False<IsSame<ConnectionRef, Required<Ref>>>;
export type Writable = False<IsSame<ConnectionRef, { name: string; namespace?: string }>>;
