import { cluster } from "../../../capabilities/operator/cnpg/cluster";
import { health, running } from "../../../capabilities/operator/cnpg/health";
import type { Health } from "../../../capabilities/operator/operator";
import { builtInClass } from "../../../capabilities/claim/class";
import { goodClaim, withSpec } from "../../good-claim";
import { without } from "../../without";

const desired = cluster(withSpec({ version: "15" }), builtInClass);
const image = desired.spec.imageName;

type Status = Readonly<Record<string, unknown>>;

/** Conditions as CNPG writes them, without times and words. */
function conditions(marks: Readonly<Record<string, "True" | "False">>): Status {
  return { conditions: Object.entries(marks).map(([type, status]) => ({ type, status })) };
}

const settingUp = "Setting up primary";
const waiting = "Waiting for the instances to become active";
const notYet = "Some instances are not yet active. Please wait.";
const wellPhase = "Cluster in healthy state";
const ready = { Initialized: "True", ConsistentSystemID: "True", Ready: "True" } as const;
const unready = { Initialized: "True", ConsistentSystemID: "False", Ready: "False" } as const;
const pending = { Initialized: "False", ConsistentSystemID: "False" } as const;
const well = { phase: wellPhase, readyInstances: 1, image, ...conditions(ready) };

const progressing = (message: string): Health => ({ state: "progressing", message });

function stateOf(status: Status | undefined, wanted = desired): Health {
  return health(Object.assign({}, desired, status === undefined ? {} : { status }), wanted);
}

/** Names are those of the recordings of CNPG 1.30.0 that the states are taken from. */
const recorded: readonly (readonly [string, Status | undefined, Health])[] = [
  ["01-create/01: nothing said yet", undefined, progressing("not begun yet")],
  [
    "01-create/09: no phase yet",
    { image, ...conditions({ Initialized: "False" }) },
    progressing("not begun yet"),
  ],
  [
    "01-create/12: setting up",
    {
      phase: settingUp,
      phaseReason: "Creating primary instance orders-db-1",
      image,
      ...conditions(pending),
    },
    progressing("Setting up primary: Creating primary instance orders-db-1"),
  ],
  [
    "01-create/15: Initialized says nothing of readiness",
    {
      phase: settingUp,
      phaseReason: "Creating primary instance orders-db-1",
      image,
      ...conditions(unready),
    },
    progressing("Setting up primary: Creating primary instance orders-db-1"),
  ],
  [
    "01-create/22: an instance is ready, the Cluster not yet",
    { ...well, phase: waiting, phaseReason: notYet, ...conditions({ ...ready, Ready: "False" }) },
    progressing(`${waiting}: ${notYet}`),
  ],
  ["01-create/23: healthy", well, { state: "healthy", message: "1 of 1 instances are ready" }],
  [
    "04-hibernation/15: hibernation begins while the instance is there",
    { ...well, ...conditions({ ...ready, "cnpg.io/hibernation": "False" }) },
    { state: "healthy", message: "1 of 1 instances are ready" },
  ],
  [
    "04-hibernation/16: pods are going; phase and Ready as before",
    { phase: wellPhase, image, ...conditions({ ...ready, "cnpg.io/hibernation": "False" }) },
    progressing("0 of 1 instances are ready"),
  ],
  [
    "04-hibernation/18: hibernated; phase and Ready as before",
    {
      phase: wellPhase,
      image,
      ...conditions({ ...ready, ConsistentSystemID: "False", "cnpg.io/hibernation": "True" }),
    },
    { state: "hibernated", message: "hibernated by the annotation cnpg.io/hibernation" },
  ],
  [
    "04-hibernation/24: woken up, pods not there yet; phase and Ready as before",
    { phase: wellPhase, image, ...conditions({ ...ready, ConsistentSystemID: "False" }) },
    progressing("0 of 1 instances are ready"),
  ],
  [
    "06-major-upgrade/05: upgrading",
    {
      ...well,
      phase: "Upgrading Postgres major version",
      phaseReason: "Upgrading cluster to major version 17",
      ...conditions({ ...ready, Ready: "False" }),
    },
    progressing("Upgrading Postgres major version: Upgrading cluster to major version 17"),
  ],
  [
    "07-pod-deleted/05: the only instance is lost; phase and Ready as before",
    { phase: wellPhase, image, ...conditions(ready) },
    progressing("0 of 1 instances are ready"),
  ],
  [
    "08-delete-and-recreate/08: made anew, nothing ready",
    { phase: waiting, phaseReason: notYet, image, ...conditions({ ...pending, Ready: "False" }) },
    progressing(`${waiting}: ${notYet}`),
  ],
];

test.each(recorded)("%s", (_title, status, expected) => {
  expect(stateOf(status)).toEqual(expected);
});

/** Not recorded: said by CNPG's sources. */
const others: readonly (readonly [string, Status, Health])[] = [
  [
    "an invalid definition is told in the operator's words",
    {
      ...well,
      phase: "Invalid cluster definition",
      phaseReason: 'spec.imageName: Invalid value: "14": can\'t downgrade from major 15 to 14',
    },
    {
      state: "invalid",
      message:
        'Invalid cluster definition: spec.imageName: Invalid value: "14": can\'t downgrade from major 15 to 14',
    },
  ],
  [
    "what CNPG cannot mend has failed",
    { ...well, phase: "Cluster is unrecoverable and needs manual intervention" },
    { state: "failed", message: "Cluster is unrecoverable and needs manual intervention" },
  ],
  [
    "a phase that passes has not failed",
    { ...well, phase: "Failing over", phaseReason: "Failing over to orders-db-2" },
    progressing("Failing over: Failing over to orders-db-2"),
  ],
  [
    "healthy, but the condition Ready is not there",
    { ...well, ...conditions({ Initialized: "True" }) },
    progressing("Cluster in healthy state"),
  ],
  [
    "healthy, but of the image of before the change",
    { ...well, image: "ghcr.io/cloudnative-pg/postgresql:14" },
    progressing(`changing image from ghcr.io/cloudnative-pg/postgresql:14 to ${image}`),
  ],
];

test.each(others)("%s", (_title, status, expected) => {
  expect(stateOf(status)).toEqual(expected);
});

describe("what is asked is the health of what is desired now", () => {
  const three = cluster(withSpec({ version: "15", instances: 3 }), builtInClass);

  test.each([
    ["one of three", 1, progressing("1 of 3 instances are ready")],
    ["two of three", 2, progressing("2 of 3 instances are ready")],
    ["all", 3, { state: "healthy", message: "3 of 3 instances are ready" }],
    [
      "more, while others are still going",
      4,
      { state: "healthy", message: "4 of 3 instances are ready" },
    ],
  ])("%s", (_title, readyInstances, expected) => {
    expect(stateOf({ ...well, readyInstances }, three)).toEqual(expected);
  });

  test("an older CNPG that does not tell the image is believed", () => {
    expect(stateOf(without(well, "image")).state).toBe("healthy");
  });

  test("a Cluster whose data is of an older version is not healthy, although it says so", () => {
    const status = { ...well, pgDataImageInfo: { image, majorVersion: 14 } };
    expect(stateOf(status)).toEqual(progressing("upgrading from PostgreSQL 14 to 15"));
    const upgraded = { ...well, pgDataImageInfo: { image, majorVersion: 15 } };
    expect(stateOf(upgraded).state).toBe("healthy");
  });

  test("an upgrade that is no longer asked for is not called one", () => {
    const status = {
      ...well,
      phase: "Upgrading Postgres major version",
      phaseReason: "Upgrading cluster to major version 17",
      pgDataImageInfo: { image, majorVersion: 15 },
      ...conditions({ ...ready, Ready: "False" }),
    };
    expect(stateOf(status)).toEqual(progressing("PostgreSQL 15 is about to start"));
    const raised = cluster(withSpec({ version: "17" }), builtInClass);
    expect(stateOf(status, raised)).toEqual(
      progressing("Upgrading Postgres major version: Upgrading cluster to major version 17"),
    );
  });

  test("another image than was healthy is not healthy yet", () => {
    const raised = cluster(goodClaim, builtInClass);
    expect(stateOf(well, raised)).toEqual(
      progressing(`changing image from ${image} to ${raised.spec.imageName}`),
    );
  });
});

describe("what runs is told as far as CNPG says it", () => {
  const three = cluster(withSpec({ instances: 3 }), builtInClass);
  const runningOf = (status?: Status): unknown =>
    running(Object.assign({}, three, status === undefined ? {} : { status }), three);

  test("nothing yet", () => {
    expect(runningOf()).toEqual({ instances: 3, readyInstances: 0 });
    expect(runningOf({ currentPrimary: "", pgDataImageInfo: { majorVersion: 0 } })).toEqual({
      instances: 3,
      readyInstances: 0,
    });
  });

  test("two of three, with the primary and the version of its data", () => {
    const status = {
      readyInstances: 2,
      currentPrimary: "orders-db-2",
      pgDataImageInfo: { image, majorVersion: 15 },
    };
    expect(runningOf(status)).toEqual({
      instances: 3,
      readyInstances: 2,
      primary: "orders-db-2",
      version: "15",
    });
  });
});

describe("a wish to sleep or wake is not yet sleep or health", () => {
  const wished = (hibernate: boolean): typeof desired =>
    cluster(withSpec({ version: "15", hibernate }), builtInClass);
  const asleep = { ...well, ...conditions({ ...ready, "cnpg.io/hibernation": "True" }) };

  test.each<readonly [string, Status, boolean, Health]>([
    ["healthy and wished asleep", well, true, progressing("going to sleep")],
    [
      "asleep as wished",
      asleep,
      true,
      {
        state: "hibernated",
        message: "hibernated by spec.hibernate: set it to false to wake it up",
      },
    ],
    ["asleep and wished awake", asleep, false, progressing("waking up")],
    ["awake as wished", well, false, { state: "healthy", message: "1 of 1 instances are ready" }],
  ])("%s", (_title, status, hibernate, expected) => {
    expect(stateOf(status, wished(hibernate))).toEqual(expected);
  });
});
