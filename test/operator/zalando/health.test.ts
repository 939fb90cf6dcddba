import { health, running, witnesses } from "../../../capabilities/operator/zalando/health";
import type { Health } from "../../../capabilities/operator/operator";
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import { database, desired, endpoints, name, replicated, statefulSet } from "./surroundings";

const progressing = (message: string): Health => ({ state: "progressing", message });
const failed = (word: string): Health => ({
  state: "failed",
  message: `${word}: the events tell why: kubectl describe postgresql ${name} -n team-a`,
});

const up = [statefulSet(1), endpoints(`${name}-0`)];

/** Names are those of the recordings that the states are taken from. */
test.each<readonly [string, string | undefined, readonly KubeObject[], Health]>([
  ["02: nothing said yet", undefined, [], progressing("not begun yet")],
  ["02: an empty word says nothing", "", [], progressing("not begun yet")],
  ["02: being made", "Creating", [statefulSet(0, 1), endpoints()], progressing("Creating")],
  ["02: being made, whatever is up already", "Creating", up, progressing("Creating")],
  ["02: running", "Running", up, { state: "healthy", message: "1 of 1 instances are ready" }],
  ["04: being changed", "Updating", up, progressing("Updating")],
  [
    "earlier run: Running, and nothing answers, since Patroni had given up",
    "Running",
    [statefulSet(1), endpoints()],
    progressing("Running, but no instance is the primary yet"),
  ],
  [
    "Running, and the endpoints are gone",
    "Running",
    [statefulSet(1)],
    progressing("Running, but no instance is the primary yet"),
  ],
  [
    "04: Running, and its pod has just been killed",
    "Running",
    [statefulSet(0, 1), endpoints(`${name}-0`)],
    progressing("Running, but 0 of 1 instances are ready"),
  ],
  [
    "04: Running, while a larger volume has its StatefulSet made anew",
    "Running",
    [endpoints(`${name}-0`)],
    progressing("Running, but there is no StatefulSet yet"),
  ],
  [
    "Running, and the StatefulSet's controller has not seen its change",
    "Running",
    [statefulSet(1, 1, { metadata: { generation: 2 } }), endpoints(`${name}-0`)],
    progressing("Running, but its StatefulSet has just changed"),
  ],
  ["06: a sync that failed", "SyncFailed", up, failed("SyncFailed")],
  ["a change that failed", "UpdateFailed", up, failed("UpdateFailed")],
  ["earlier run: it never came up", "CreateFailed", [statefulSet(1)], failed("CreateFailed")],
  [
    "earlier run: it came up after the operator had given up",
    "CreateFailed",
    up,
    progressing(
      "CreateFailed, but the instances came up since: the operator goes on at its next sync (resync_period, 30 minutes by default)",
    ),
  ],
  [
    "a definition that the operator does not take",
    "Invalid",
    [],
    {
      state: "invalid",
      message: `Invalid: the events tell why: kubectl describe postgresql ${name} -n team-a`,
    },
  ],
  ["a word of a later release", "Sleeping", up, progressing("Sleeping")],
])("%s", (_title, word, found, expected) => {
  expect(health(database(word), desired, found)).toEqual(expected);
});

test.each<readonly [string | undefined, readonly string[]]>([
  [undefined, ["StatefulSet"]],
  ["Creating", ["StatefulSet"]],
  ["Updating", ["StatefulSet"]],
  ["Running", ["StatefulSet", "Endpoints"]],
  ["CreateFailed", ["StatefulSet", "Endpoints"]],
])("of a database that is said to be %s, %j are read", (word, kinds) => {
  expect(witnesses(database(word)).map(({ resource }) => resource.kind)).toEqual(kinds);
  const asked = witnesses(database(word)).filter(({ isLive }) => isLive);
  expect(asked.map(({ resource }) => resource.kind)).toEqual(kinds.slice(1));
});

test("all instances that are wanted have to be there", () => {
  const found = database("Running", replicated);
  const primary = endpoints(`${name}-0`);
  expect(health(found, replicated, [statefulSet(1), primary])).toEqual(
    progressing("Running, but instances go from 1 to 2"),
  );
  expect(health(found, replicated, [statefulSet(1, 2), primary]).state).toBe("progressing");
  expect(health(found, replicated, [statefulSet(2), primary]).state).toBe("healthy");
});

test("what runs is told by StatefulSet and endpoints, and the version by the object as it is", () => {
  expect(
    running(database("Running"), replicated, [statefulSet(1, 2), endpoints(`${name}-1`)]),
  ).toEqual({
    ...{ instances: 2, readyInstances: 1, primary: `${name}-1`, version: "15" },
  });
  expect(running(database(), desired, [])).toEqual({
    instances: 1,
    readyInstances: 0,
    version: "15",
  });
});
