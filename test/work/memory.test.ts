/** Objects are given as copies: the memory takes out of them, in place, what is not to be remembered. */
import * as fc from "fast-check";
import {
  type KubeObject,
  type Secret,
  refOf,
  secretResource,
} from "../../capabilities/kubernetes/objects";
import { labels } from "../../capabilities/claim/names";
import { createMemory, forgetValues, type Memory } from "../../capabilities/work/memory";
import { seal } from "../seal";

type State = { readonly uid: string; readonly version: number };

const ref = { name: "a", namespace: "b" };

function secret(uid: string, version: number, changes: Partial<Secret> = {}): Secret {
  const metadata = { ...ref, uid, resourceVersion: String(version), ...changes.metadata };
  return { apiVersion: "v1", kind: "Secret", ...changes, metadata };
}

function note(memory: Memory, object: KubeObject): boolean {
  return memory.note(secretResource, structuredClone(object));
}

function recalled(memory: Memory): KubeObject | undefined {
  const found = memory.recall(secretResource, ref);
  return found.state === "known" ? found.object : undefined;
}

function versionOf(object: KubeObject | undefined): number {
  return Number(object?.metadata.resourceVersion ?? -1);
}

/** All states of the objects of one name, oldest first: a few updates each, then another object takes the name. */
const history: fc.Arbitrary<State[]> = fc
  .array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 3 })
  .map(lives => {
    const uids = lives.flatMap((length, life) => Array<string>(length).fill(`uid-${life}`));
    return uids.map((uid, at) => ({ uid, version: 8 + at }));
  });

type Told =
  | { readonly what: "note" | "doubtful" | "gone"; readonly state: State }
  | { readonly what: "doubt" };

/** What may be told of a history: anything, in any order, twice or not at all. */
const tales: fc.Arbitrary<Told[]> = history.chain(states =>
  fc.array(
    fc.oneof(
      fc.record({ what: fc.constant("note" as const), state: fc.constantFrom(...states) }),
      fc.record({ what: fc.constant("doubtful" as const), state: fc.constantFrom(...states) }),
      fc.record({ what: fc.constant("gone" as const), state: fc.constantFrom(...states) }),
      fc.constant({ what: "doubt" as const }),
    ),
    { maxLength: 25 },
  ),
);

function tell(memory: Memory, told: Told): boolean {
  switch (told.what) {
    case "note":
      return note(memory, secret(told.state.uid, told.state.version));
    case "doubtful":
      return memory.doubtful(secretResource, secret(told.state.uid, told.state.version));
    case "doubt":
      memory.doubt(secretResource, ref);
      return false;
    case "gone":
      memory.gone(secretResource, ref, told.state.uid);
      return false;
  }
}

test("what is recalled is never older than what was told of, whatever the order, doubling and loss", () => {
  fc.assert(
    fc.property(tales, planned => {
      const memory = createMemory(seal);
      const gone = new Set<string>();
      let newest = -1;
      let newestUid: string | undefined;
      for (const told of planned) {
        tell(memory, told);
        // What has taken the place of what is gone stays.
        if (told.what === "gone" && told.state.uid === newestUid) {
          gone.add(newestUid);
          newest = -1;
          newestUid = undefined;
        }
        if (told.what === "note" && !gone.has(told.state.uid) && told.state.version > newest) {
          newest = told.state.version;
          newestUid = told.state.uid;
        }
        const known = recalled(memory);
        if (known) expect(versionOf(known)).toBe(newest);
        expect(memory.last(secretResource, ref)?.metadata.uid).toBe(newestUid);
      }
    }),
    { numRuns: 500 },
  );
});

test("only what is newer than what was known, or settles a doubt, is news", () => {
  fc.assert(
    fc.property(tales, planned => {
      const memory = createMemory(seal);
      for (const told of planned) {
        const before = recalled(memory);
        const isNews = tell(memory, told);
        const after = recalled(memory);
        if (told.what === "note" && before)
          expect(isNews).toBe(versionOf(after) > versionOf(before));
        if (told.what === "note" && !before) expect(isNews).toBe(after !== undefined);
      }
    }),
    { numRuns: 500 },
  );
});

test("an object that is gone does not come back; one that takes its name does", () => {
  fc.assert(
    fc.property(tales, planned => {
      const memory = createMemory(seal);
      const gone = new Set<string | undefined>();
      for (const told of planned) {
        const before = memory.last(secretResource, ref)?.metadata.uid;
        if (told.what === "gone" && told.state.uid === before) gone.add(before);
        tell(memory, told);
        const known = recalled(memory);
        if (known) expect(gone).not.toContain(known.metadata.uid);
      }
      expect(note(memory, secret("uid-new", 1000))).toBe(true);
      expect(recalled(memory)?.metadata.uid).toBe("uid-new");
    }),
    { numRuns: 500 },
  );
});

test("an echo is no news", () => {
  const memory = createMemory(seal);
  expect(note(memory, secret("u", 9))).toBe(true);
  expect(note(memory, secret("u", 9))).toBe(false);
  expect(note(memory, secret("u", 10))).toBe(true);
  expect(note(memory, secret("u", 9))).toBe(false);
});

test("versions are compared as numbers", () => {
  const memory = createMemory(seal);
  note(memory, secret("u", 9));
  expect(note(memory, secret("u", 10))).toBe(true);
  const large = "9007199254740993";
  const [older, newer] = [large, `${large}1`].map(resourceVersion =>
    secret("u", 0, { metadata: { ...ref, uid: "u", resourceVersion } }),
  );
  if (!older || !newer) throw new Error("there are two");
  expect([note(memory, newer), note(memory, older)]).toEqual([true, false]);
});

test("what was never told of is unknown; what may be gone is in doubt until it is told of again", () => {
  const memory = createMemory(seal);
  expect(memory.recall(secretResource, ref)).toEqual({ state: "unknown" });
  note(memory, secret("u", 9));
  expect(memory.doubtful(secretResource, secret("another", 9))).toBe(false);
  expect(memory.recall(secretResource, ref).state).toBe("known");
  expect(memory.doubtful(secretResource, secret("u", 9))).toBe(true);
  expect(memory.recall(secretResource, ref)).toEqual({ state: "doubtful" });
  expect(note(memory, secret("u", 9))).toBe(true);
  expect(memory.recall(secretResource, ref).state).toBe("known");
  memory.doubt(secretResource, ref);
  expect(memory.recall(secretResource, ref)).toEqual({ state: "doubtful" });
  memory.gone(secretResource, ref, memory.last(secretResource, ref)?.metadata.uid);
  expect(memory.recall(secretResource, ref)).toEqual({ state: "unknown" });
});

test("what comes without uid or version is not remembered", () => {
  const memory = createMemory(seal);
  const bare = { apiVersion: "v1", kind: "Secret", metadata: ref };
  expect(note(memory, bare)).toBe(false);
  expect(memory.all(secretResource)).toEqual([]);
});

test("kinds are told apart, and names, and namespaces", () => {
  const memory = createMemory(seal);
  note(memory, secret("u", 9));
  note(memory, secret("v", 9, { metadata: { name: "a", namespace: "c" } }));
  memory.note(
    { group: "", version: "v1", kind: "ConfigMap", plural: "configmaps" },
    secret("w", 9),
  );
  expect(memory.all(secretResource).map(object => object.metadata.uid)).toEqual(["u", "v"]);
});

describe("secret values", () => {
  const password = Buffer.from("a password").toString("base64");
  const written = { labels: { [labels.claimUid]: "claim-uid" } };

  function connection(version: number, value = password): Secret {
    return secret("u", version, { metadata: { ...ref, ...written }, data: { password: value } });
  }

  function credentials(version: number): Secret {
    return secret("u", version, { data: { password } });
  }

  test("of connection secrets are never remembered, whatever is told, nor kept in what was told", () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 10 }), versions => {
        const memory = createMemory(seal);
        for (const version of versions) {
          const told = connection(version);
          memory.note(secretResource, told);
          // An older state is dropped, and its values with it as soon as whoever brought it lets go.
          if (recalled(memory) === told) expect(JSON.stringify(told)).not.toContain(password);
        }
        expect(JSON.stringify(memory.all(secretResource))).not.toContain(password);
      }),
    );
  });

  test("of connection secrets can still be compared", () => {
    const memory = createMemory(seal);
    note(memory, connection(1));
    expect(recalled(memory)).toMatchObject(seal(connection(1)));
    expect(recalled(memory)).not.toMatchObject(seal(connection(1, "YW5vdGhlcg==")));
  });

  test("of credentials are remembered until they are dropped", () => {
    const memory = createMemory(seal);
    note(memory, credentials(1));
    expect(recalled(memory)).toHaveProperty("data.password", password);
  });

  test.each<readonly [string, (memory: Memory) => void]>([
    ["an echo", () => undefined],
    [
      "the same state, read again after a doubt",
      memory => {
        memory.doubt(secretResource, ref);
      },
    ],
  ])("of credentials that were dropped do not come back with %s", (_title, before) => {
    const memory = createMemory(seal);
    note(memory, credentials(1));
    const known = recalled(memory);
    if (known) forgetValues(known);
    before(memory);
    note(memory, credentials(1));
    expect(recalled(memory)).not.toHaveProperty("data");
    expect(JSON.stringify(memory.all(secretResource))).not.toContain(password);
  });

  test("of credentials that were dropped come back when they have changed", () => {
    const memory = createMemory(seal);
    note(memory, credentials(1));
    const known = recalled(memory);
    if (known) forgetValues(known);
    note(memory, credentials(2));
    expect(recalled(memory)).toHaveProperty("data.password", password);
  });
});

test("what nobody reads is taken out of what was told, in place", () => {
  const bulky = {
    ...secret("u", 9),
    metadata: {
      ...ref,
      uid: "u",
      resourceVersion: "9",
      managedFields: [{ manager: "kubectl" }],
      annotations: { "kubectl.kubernetes.io/last-applied-configuration": "{}", kept: "yes" },
    },
  };
  createMemory(seal).note(secretResource, bulky);
  expect(bulky.metadata).toEqual({
    ...ref,
    uid: "u",
    resourceVersion: "9",
    annotations: { kept: "yes" },
  });
  expect(refOf(bulky)).toEqual(ref);
});
