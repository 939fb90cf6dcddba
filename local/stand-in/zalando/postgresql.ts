/** What the stand-in reads of a `postgresql`: the fields that claims use. */
import type { KubeObject, ObjectMeta } from "../../../capabilities/kubernetes/objects";
import { marks as commonMarks } from "../marks";

export const group = "acid.zalan.do";
/** The release that is imitated. */
export const operatorVersion = "2.0.1";

export const marks = {
  ...commonMarks,
  /** Asked for by a test: whatever is to be done cannot be, and the operator says this. */
  failsSync: "stand-in.zero-touch-postgres/fails-sync",
} as const;

export type Word = "Creating" | "Running" | "Updating" | "SyncFailed";

export type Postgresql = KubeObject & {
  readonly metadata: ObjectMeta & { readonly namespace: string; readonly uid: string };
  readonly spec: {
    readonly teamId: string;
    readonly numberOfInstances: number;
    readonly postgresql: { readonly version: string };
    readonly volume: { readonly size: string };
    readonly users?: Readonly<Record<string, readonly string[]>>;
    readonly databases?: Readonly<Record<string, string>>;
  };
  readonly status?: { readonly PostgresClusterStatus?: Word | "" };
};

export function keyOf({ metadata }: KubeObject): string {
  return `${metadata.namespace ?? ""}/${metadata.name}`;
}

/** The first database and its owner: claims ask for no more. */
export function databaseOf({
  spec,
}: Postgresql): { readonly database: string; readonly owner: string } | undefined {
  const [first] = Object.entries(spec.databases ?? {});
  return first && { database: first[0], owner: first[1] };
}

/** Labels of everything that the operator makes (recordings, 02-create). */
export function labelsOf({ metadata, spec }: Postgresql): Readonly<Record<string, string>> {
  return { application: "spilo", "cluster-name": metadata.name, team: spec.teamId };
}

/** By the operator's template as it is by default. */
export function secretName({ metadata }: Postgresql, role: string): string {
  return `${role.replaceAll("_", "-")}.${metadata.name}.credentials.postgresql.${group}`;
}
