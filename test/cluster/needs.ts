/** What stories need that not every cluster has. It is known before a story is registered: what is lacking is the reason for skipping it. */
import { builtInClass } from "../../capabilities/claim/class";
import type { Access } from "./cluster";

/** What a cluster with real nodes has. */
export type Surroundings = {
  /** Nodes that take any pod. */
  readonly nodes: number;
  /** Images of stories that no node has or can pull. */
  readonly missingImages: readonly string[];
};

/** What a cluster lacks of something, in words that follow "needs"; undefined if nothing. */
export type Need = (access: Access) => string | undefined;

/** PostgreSQL of a version, in the image that classes have where they name none. */
export function imageOf(version: string): string {
  return `${builtInClass.image}:${version}`;
}

/** Without it no story can be told. */
export const firstVersion = "16";
/** Asked for where a story says so. */
const furtherVersions: readonly string[] = ["17"];

export const images = [firstVersion, ...furtherVersions].map(imageOf);

/** So many, for pods that keep apart. */
export function nodes(count: number): Need {
  return ({ surroundings }) =>
    surroundings === undefined || surroundings.nodes >= count
      ? undefined
      : `${count} nodes, and there are ${surroundings.nodes}`;
}

/** A higher version than the one that every cluster has. */
export function postgresql(version: string): Need {
  const image = imageOf(version);
  if (!images.includes(image)) throw new Error(`nobody looks whether ${image} is to be had`);
  return ({ surroundings }) =>
    surroundings?.missingImages.includes(image) ? `${image}, which is not to be had` : undefined;
}

/** A record of all that the module asks of the API server. */
export const auditLog: Need = access =>
  access.auditLog === undefined ? "the API server's audit log" : undefined;

/** Nodes that run any pod, and a network between them. */
export const realNodes: Need = ({ surroundings }) =>
  surroundings ? undefined : "nodes that run pods";

/** Volumes of which the story itself says how large they are. */
export const playedVolumes: Need = ({ surroundings }) =>
  surroundings ? "a cluster without volumes of its own" : undefined;

/** PostgreSQL's client programs, which pods of backups have in their image in a real cluster. */
export const backups: Need = ({ backupsLack }) => backupsLack;

/** The reason for skipping what has these needs; undefined if the cluster has it all. */
export function lacking(needs: readonly Need[], access: Access): string | undefined {
  const words = needs.flatMap(need => need(access) ?? []);
  return words.length === 0 ? undefined : `needs ${words.join("; ")}`;
}
