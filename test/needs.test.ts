/** What stories need of a cluster: told before they are registered, and why where it is lacking. */
import type { Access } from "./cluster/cluster";
import { auditLog, backups, lacking, nodes, playedVolumes, postgresql } from "./cluster/needs";
import { pulled, takesPods, type Node, type Pod } from "./cluster/surroundings";

const played: Access = {
  kubectl: ["kubectl"],
  socket: "proxy.sock",
  auditLog: "audit.log",
  patience: 1,
  run: "a",
};

/** One small node, and no image but the first. */
const small: Access = {
  ...played,
  auditLog: undefined,
  surroundings: { nodes: 1, missingImages: ["ghcr.io/cloudnative-pg/postgresql:17"] },
};
const large: Access = { ...small, surroundings: { nodes: 3, missingImages: [] } };

test("a small cluster says of each need what it lacks", () => {
  expect(lacking([nodes(3)], small)).toBe("needs 3 nodes, and there are 1");
  expect(lacking([postgresql("17"), nodes(1)], small)).toBe(
    "needs ghcr.io/cloudnative-pg/postgresql:17, which is not to be had",
  );
  expect(lacking([auditLog, playedVolumes], small)).toBe(
    "needs the API server's audit log; a cluster without volumes of its own",
  );
});

test("a cluster that has it all lacks nothing", () => {
  expect(lacking([], small)).toBeUndefined();
  expect(lacking([nodes(3), postgresql("17")], large)).toBeUndefined();
  expect(lacking([nodes(3), postgresql("17"), auditLog, playedVolumes], played)).toBeUndefined();
});

test("without PostgreSQL's client programs no backup is played, and the reason is theirs", () => {
  const backupsLack = "pg_dump";
  expect(lacking([backups], { ...played, backupsLack })).toBe("needs pg_dump");
  expect(lacking([backups], played)).toBeUndefined();
});

test("a version that nobody looks for is no need", () => {
  expect(() => postgresql("12")).toThrow("nobody looks whether");
});

const node = (spec: Node["spec"]): Node => ({
  apiVersion: "v1",
  kind: "Node",
  metadata: { name: "a" },
  ...(spec && { spec }),
});

test.each([
  ["one without taints", undefined, true],
  ["one that is avoided", { taints: [{ effect: "PreferNoSchedule" }] }, true],
  ["a control plane's", { taints: [{ effect: "NoSchedule" }] }, false],
  ["one that is drained", { unschedulable: true }, false],
])("nodes that take any pod: %s", (_title, spec, isOne) => {
  expect(takesPods(node(spec))).toBe(isOne);
});

type State = { waiting?: { reason?: string }; running?: object; terminated?: object };

const pod = (state: State): Pod => ({
  apiVersion: "v1",
  kind: "Pod",
  metadata: { name: "a" },
  status: { containerStatuses: [{ state }] },
});

test.each<[state: State, isThere: boolean | undefined]>([
  [{ running: {} }, true],
  [{ terminated: {} }, true],
  [{ waiting: { reason: "CrashLoopBackOff" } }, true],
  [{ waiting: { reason: "CreateContainerError" } }, true],
  [{ waiting: { reason: "ContainerCreating" } }, undefined],
  [{ waiting: {} }, undefined],
  [{ waiting: { reason: "ErrImagePull" } }, false],
  [{ waiting: { reason: "ImagePullBackOff" } }, false],
  [{ waiting: { reason: "InvalidImageName" } }, false],
])("whether an image is there, by a container in state %j: %s", (state, isThere) => {
  expect(pulled(pod(state))).toBe(isThere);
});

test("of a pod that has not come to a node nothing is known", () => {
  expect(pulled({ apiVersion: "v1", kind: "Pod", metadata: { name: "a" } })).toBeUndefined();
});
