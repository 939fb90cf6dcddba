import { isHibernated, marks } from "../../../../local/stand-in/cnpg/cluster";
import type { Cluster, ClusterStatus } from "../../../../local/stand-in/cnpg/cluster";
import { turn } from "../../../../local/stand-in/cnpg/turn";
import type { Act, Scene } from "../../../../local/stand-in/cnpg/turn";
import { clusterFault } from "../../../operator/published-schema";
import { good, now, withAnnotations, withSpec, withStatus } from "./clusters";

type Beat = { readonly act: Act | undefined; readonly status: ClusterStatus };

/** The turns from here until nothing more comes by itself; a pause is over at once. */
function play(cluster: Cluster, from: Partial<Scene> = {}): readonly Beat[] {
  const beats: Beat[] = [];
  let isUp = from.isUp ?? false;
  let present = cluster;
  for (let left = 20; left > 0; left--) {
    const scene = { fault: undefined, hasCredentials: true, stood: 1e6, pause: 100, now, ...from };
    const { act, status, again } = turn({ ...scene, cluster: present, isUp });
    if (act === "start") isUp = true;
    if (act === "stop") isUp = false;
    beats.push({ act, status });
    present = withStatus(status, present);
    if (again === undefined) return beats;
  }
  throw new Error("comes to no end");
}

function said({ act, status }: Beat): string {
  const ready = status.conditions?.find(({ type }) => type === "Ready");
  return [act ?? "-", status.phase, ready?.status, status.readyInstances ?? "none"].join(" | ");
}

const last = (beats: readonly Beat[]): ClusterStatus => beats.at(-1)?.status ?? {};
const running = withStatus(last(play(good)));

test("a new Cluster goes through CNPG's phases and is ready at the end", () => {
  expect(play(good).map(said)).toEqual([
    "- | Setting up primary | False | none",
    "start | Waiting for the instances to become active | False | none",
    "login | Cluster in healthy state | True | 1",
  ]);
});

test("a healthy Cluster stays as it is", () => {
  expect(turn({ ...scene(running), isUp: true })).toEqual({ status: running.status });
});

test("no phase is passed before its time, and no server started", () => {
  const cluster = withStatus(play(good)[0]?.status ?? {});
  const { act, again } = turn({ ...scene(cluster), stood: 30, pause: 100 });
  expect([act, again]).toEqual([undefined, 70]);
});

test("without a fitting secret a Cluster is set up for ever, without a word", () => {
  expect(play(good, { hasCredentials: false }).map(said)).toEqual([
    "- | Setting up primary | False | none",
  ]);
});

test("a refused definition is told with its fault, and what runs stays", () => {
  const beats = play(running, { isUp: true, fault: "spec.storage: no" });
  expect(beats.map(said)).toEqual(["- | Invalid cluster definition | False | 1"]);
  expect(last(beats).phaseReason).toBe("spec.storage: no");
});

test("a corrected definition is healthy again", () => {
  const refused = withStatus(last(play(running, { isUp: true, fault: "spec.storage: no" })));
  const beats = play(refused, { isUp: true });
  expect(beats.map(said)).toEqual(["login | Cluster in healthy state | True | 1"]);
  expect(last(beats).phaseReason).toBeUndefined();
});

test("hibernation looks healthy but for readyInstances and its condition", () => {
  const beats = play(withAnnotations({ "cnpg.io/hibernation": "on" }, running), { isUp: true });
  expect(beats.map(said)).toEqual(["stop | Cluster in healthy state | True | none"]);
  expect(last(beats).conditions).toContainEqual(
    expect.objectContaining({ type: "cnpg.io/hibernation", status: "True", reason: "Hibernated" }),
  );
});

test("hibernation ends as a start does, and its condition goes", () => {
  const asleep = last(play(withAnnotations({ "cnpg.io/hibernation": "on" }, running)));
  const beats = play(withAnnotations({ "cnpg.io/hibernation": "off" }, withStatus(asleep)));
  expect(beats.map(said)).toEqual([
    "- | Waiting for the instances to become active | False | none",
    "start | Waiting for the instances to become active | False | none",
    "login | Cluster in healthy state | True | 1",
  ]);
  const types = beats.flatMap(({ status }) => (status.conditions ?? []).map(({ type }) => type));
  expect(types).not.toContain("cnpg.io/hibernation");
});

test("a lost server looks healthy for a moment, but for readyInstances", () => {
  expect(play(running).map(said)).toEqual([
    "- | Cluster in healthy state | True | none",
    "- | Waiting for the instances to become active | False | none",
    "start | Waiting for the instances to become active | False | none",
    "login | Cluster in healthy state | True | 1",
  ]);
});

test("a higher major version is an upgrade, and told only when it is done", () => {
  const beats = play(withSpec({ imageName: "x:17" }, running), { isUp: true });
  expect(beats.map(said)).toEqual([
    "- | Upgrading Postgres major version | False | 1",
    "stop | Upgrading Postgres major version | False | none",
    "start | Waiting for the instances to become active | False | none",
    "login | Cluster in healthy state | True | 1",
  ]);
  const majors = beats.map(({ status }) => status.pgDataImageInfo?.majorVersion);
  expect(majors).toEqual([16, 16, 17, 17]);
});

test("an upgrade that is to fail never ends, and begins anew as it was when the old version is asked for", () => {
  const doomed = withAnnotations({ [marks.failsUpgrade]: "true" }, running);
  const beats = play(withSpec({ imageName: "x:17" }, doomed), { isUp: true });
  expect(beats.map(said)).toEqual([
    "- | Upgrading Postgres major version | False | 1",
    "stop | Upgrading Postgres major version | False | none",
    "- | Upgrading Postgres major version | False | none",
  ]);
  const back = play({ ...doomed, status: last(beats) });
  expect(back.map(said).slice(-1)).toEqual(["login | Cluster in healthy state | True | 1"]);
  expect(last(back).pgDataImageInfo?.majorVersion).toBe(16);
});

test("more instances are counted at once, and the Cluster stays healthy", () => {
  const beats = play(withSpec({ instances: 3 }, running), { isUp: true });
  expect(beats.map(said)).toEqual(["- | Cluster in healthy state | True | 3"]);
  expect(last(beats)).toMatchObject({
    instances: 3,
    instanceNames: ["orders-db-1", "orders-db-2", "orders-db-3"],
  });
});

test("a condition keeps its time while its status stays", () => {
  const later = last(play(withSpec({ instances: 3 }, running), { isUp: true, now: "2027-01-01T" }));
  expect(later.conditions).toEqual(running.status?.conditions);
});

test("every status fits CNPG's own schema", () => {
  const lives: readonly Cluster[] = [
    good,
    running,
    withSpec({ imageName: "x:17" }, running),
    withAnnotations({ "cnpg.io/hibernation": "on" }, running),
  ];
  for (const cluster of lives) {
    for (const { status } of play(cluster, { isUp: isHibernated(cluster) })) {
      expect(clusterFault(withStatus(status, cluster))).toBeUndefined();
    }
  }
});

function scene(cluster: Cluster): Scene {
  const idle = { fault: undefined, hasCredentials: true, isUp: false, stood: 1e6, pause: 0 };
  return { ...idle, cluster, now };
}
