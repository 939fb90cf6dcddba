import * as fc from "fast-check";
import { claimWarnings, endOfLifeWarning } from "../../../capabilities/admission/instance/warnings";
import type { Claim, ClaimSpec } from "../../../capabilities/claim/claim";
import { builtInClass, type Class } from "../../../capabilities/claim/class";
import { endOfLifeNotice } from "../../../capabilities/claim/end-of-life";
import { claimAndClass } from "../../arbitrary/claim";
import { postgresClass } from "../../arbitrary/class";
import { goodClaim, withFields, withSpec } from "../../good-claim";

const { small, large } = builtInClass.sizes;
if (!small || !large) throw new Error("the built-in class offers all sizes");

const gold: Class = {
  ...builtInClass,
  name: "gold",
  sizes: { ...builtInClass.sizes, medium: { ...small, instances: 3 }, large },
};

type Changes = { readonly [K in keyof ClaimSpec]?: ClaimSpec[K] | undefined };
type Case = readonly [title: string, before: Changes, after: Changes, said: readonly string[]];

const restarts = (size: string): string =>
  `spec.size: PostgreSQL restarts with the cpu and memory of ${size}; connections are cut`;

test.each<Case>([
  ["nothing where nothing changes", {}, {}, []],
  [
    "a higher version is an offline upgrade",
    { version: "15" },
    { version: "16" },
    [
      "spec.version: offline major upgrade from 15 to 16: the database is away while it runs, and there is no way back; take a backup first",
    ],
  ],
  ["another size restarts PostgreSQL", { size: "small" }, { size: "large" }, [restarts("large")]],
  ["a size of the same resources does not", { size: "small" }, { size: "medium" }, []],
  [
    "a size with fewer instances takes replicas away",
    { size: "medium" },
    { size: "small" },
    [
      "spec.instances: from 3 to 1: replicas go, with their volumes; the one that stays is away whenever its node is",
    ],
  ],
  [
    "fewer instances take replicas away",
    { instances: 3 },
    { instances: 2 },
    ["spec.instances: from 3 to 2: replicas go, with their volumes"],
  ],
  [
    "a database that is put to sleep answers nobody",
    { hibernate: false },
    { hibernate: true },
    [
      "spec.hibernate: PostgreSQL stops and nobody can connect until it is false again; volumes and Secrets stay",
    ],
  ],
  [
    "data that was to stay goes with the claim",
    { deletionPolicy: "Retain" },
    { deletionPolicy: "Delete" },
    ["spec.deletionPolicy: from now on the data goes with the claim when that is deleted"],
  ],
  ["data that stays harms nobody", {}, { deletionPolicy: "Retain" }, []],
  ["a database that wakes up harms nobody", { hibernate: true }, { hibernate: false }, []],
  ["more instances harm nobody", { instances: 1 }, { instances: 3 }, []],
  [
    "volumes that grow never shrink again",
    { storageGB: 20 },
    { storageGB: 40 },
    [
      "spec.storageGB: volumes grow from 20 to 40 GiB, if their StorageClass has allowVolumeExpansion, and never shrink again",
    ],
  ],
  [
    "all at once",
    { version: "15", size: "small", storageGB: 1 },
    { version: "17", size: "large", storageGB: 2 },
    [
      "spec.version: offline major upgrade from 15 to 17: the database is away while it runs, and there is no way back; take a backup first",
      restarts("large"),
      "spec.storageGB: volumes grow from 1 to 2 GiB, if their StorageClass has allowVolumeExpansion, and never shrink again",
    ],
  ],
])("%s", (_title, before, after, said) => {
  expect(claimWarnings(withSpec(after), withSpec(before), gold)).toEqual(said);
});

test("a connection secret that moves or goes is missed where it was", () => {
  const elsewhere = { name: "other", namespace: "team-a" };
  const moved = withFields({ writeConnectionSecretToRef: elsewhere });
  const gone = withFields({ writeConnectionSecretToRef: undefined });
  expect(claimWarnings(moved, goodClaim, gold)).toEqual([
    "Secret team-a/orders-postgres is removed, and team-a/other takes its place: what still reads it stops working",
  ]);
  expect(claimWarnings(gone, goodClaim, gold)).toEqual([
    "Secret team-a/orders-postgres is removed: what still reads it stops working",
  ]);
  expect(claimWarnings(goodClaim, gone, gold)).toEqual([]);
});

test("two instances that must both be there are told of when they are asked for", () => {
  const required: Class = { ...gold, durability: "required" };
  const said =
    "spec.instances: with 2 instances and the durability that class gold requires, writes wait whenever one of them is away; 3 go on without one";
  const pair = withSpec({ instances: 2 });
  expect(claimWarnings(pair, undefined, required)).toEqual([said]);
  expect(claimWarnings(pair, withSpec({ instances: 1 }), required)).toEqual([said]);
  expect(claimWarnings({ ...pair, metadata: { name: "x" } }, pair, required)).toEqual([]);
  expect(claimWarnings(withSpec({ instances: 3 }), undefined, required)).toEqual([]);
  expect(claimWarnings(pair, undefined, gold)).toEqual([]);
});

test("a claim that stays as it is brings nothing about, and a new one only what its class requires", () => {
  fc.assert(
    fc.property(claimAndClass(postgresClass), ({ claim, chosen }) => {
      const isPair = (made: Claim): boolean => claimWarnings(made, undefined, chosen).length > 0;
      expect(claimWarnings(claim, claim, chosen)).toEqual([]);
      if (chosen.durability !== "required") expect(isPair(claim)).toBe(false);
      expect(claimWarnings(claim, undefined, undefined)).toEqual([]);
    }),
  );
});

describe("a version that gets no more fixes", () => {
  const at = (day: string): Date => new Date(`${day}T12:00:00Z`);
  const asking = (version: string): Claim => withSpec({ version });

  test.each<readonly [string, string, string, string | undefined, readonly string[]]>([
    [
      "is told of where it is asked for",
      "14",
      "2026-11-27",
      undefined,
      ["spec.version: PostgreSQL 14 has had no fixes since 2026-11-12: use a newer one"],
    ],
    ["is not told of again", "14", "2026-11-27", "14", []],
    [
      "is told of half a year before",
      "15",
      "2027-06-01",
      "14",
      ["spec.version: PostgreSQL 15 gets its last fixes on 2027-11-11: plan for a newer one"],
    ],
    ["is not told of earlier", "15", "2027-01-01", undefined, []],
    ["is not guessed", "19", "2031-01-01", undefined, []],
  ])("%s", (...[, version, day, before, expected]) => {
    const old = before === undefined ? undefined : asking(before);
    expect(endOfLifeWarning(asking(version), old, at(day))).toEqual(expected);
  });

  test("is not one that the built-in class offers", () => {
    for (const version of builtInClass.versions.allowed) {
      expect(endOfLifeNotice(version, at("2026-11-27"))).toBeUndefined();
    }
  });
});
