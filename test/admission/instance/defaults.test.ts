import * as fc from "fast-check";
import { withDefaults } from "../../../capabilities/admission/instance/defaults";
import { violations } from "../../../capabilities/admission/instance/rules";
import type { Claim } from "../../../capabilities/claim/claim";
import { builtInClass, type Class } from "../../../capabilities/claim/class";
import { claimAndClass } from "../../arbitrary/claim";
import { completedClass, postgresClass } from "../../arbitrary/class";
import { goodClaim, withFields, withSpec } from "../../good-claim";

const chosen: Class = {
  ...builtInClass,
  name: "gold",
  defaultGB: 50,
  versions: { default: "17", allowed: ["16", "17"] },
};

const bare: Claim = withFields({ spec: {} });

/** A claim, the class that it was judged by, and perhaps what it was before and another class since. */
const situations = fc
  .record({
    now: claimAndClass(postgresClass),
    before: claimAndClass(postgresClass),
    hasOld: fc.boolean(),
  })
  .map(({ now, before, hasOld }) => ({
    ...now,
    old: hasOld ? { ...before.claim, metadata: now.claim.metadata } : undefined,
  }));

test("fills in size, version, storage and class", () => {
  expect(withDefaults(bare, undefined, chosen).spec).toEqual({
    size: "small",
    version: "17",
    storageGB: 50,
    className: "gold",
  });
});

test("takes the storage of the size before that of the class", () => {
  const { small } = builtInClass.sizes;
  if (!small) throw new Error("the built-in class offers small");
  const sized = { ...chosen, sizes: { small: { ...small, storageGB: 5 } } };
  expect(withDefaults(bare, undefined, sized).spec.storageGB).toBe(5);
});

test("leaves instances open, so that they follow size and class", () => {
  expect(withDefaults(bare, undefined, chosen).spec).not.toHaveProperty("instances");
});

test("fills in only the size where the class is not there", () => {
  expect(withDefaults(withFields({ spec: { className: "x" } }), undefined, undefined).spec).toEqual(
    {
      size: "small",
      className: "x",
    },
  );
});

test("fills in the claim's own namespace in every ref", () => {
  const claim = {
    ...withSpec({ writeConnectionSecretToRef: { name: "a" } }),
    writeConnectionSecretToRef: { name: "a" },
  };
  const { spec, writeConnectionSecretToRef: topLevel } = withDefaults(claim, undefined, chosen);
  const full = { name: "a", namespace: "team-a" };
  expect([topLevel, spec.writeConnectionSecretToRef]).toEqual([full, full]);
});

test("asks for no connection secret where the user asked for none", () => {
  const claim = withDefaults(
    withFields({ writeConnectionSecretToRef: undefined }),
    undefined,
    chosen,
  );
  expect(claim).not.toHaveProperty("writeConnectionSecretToRef");
  expect(claim.spec).not.toHaveProperty("writeConnectionSecretToRef");
});

test("keeps what was before where an update leaves it out, whatever the class says by now", () => {
  const kept = {
    className: "silver",
    version: "15",
    storageGB: 7,
    databaseName: "a",
    databaseOwner: "b",
  };
  const old = withFields({ spec: { size: "large", ...kept } });
  expect(withDefaults(bare, old, chosen).spec).toEqual({ size: "small", ...kept });
});

test("keeps nothing of before that an update sets", () => {
  const old = withFields({ spec: { version: "16", storageGB: 7 } });
  const claim = withFields({ spec: { version: "17", storageGB: 8 } });
  expect(withDefaults(claim, old, chosen).spec).toMatchObject({ version: "17", storageGB: 8 });
});

test("an older claim without what has defaults gets those of its class", () => {
  expect(withDefaults(bare, bare, chosen).spec).toMatchObject({ version: "17", storageGB: 50 });
});

test("defaulting twice is defaulting once", () => {
  fc.assert(
    fc.property(situations, ({ claim, old, chosen: found }) => {
      const once = withDefaults(claim, old, found);
      expect(withDefaults(once, old, found)).toEqual(once);
    }),
  );
});

test("what was filled in stays, whatever class comes later", () => {
  fc.assert(
    fc.property(situations, completedClass, ({ claim, old, chosen: found }, later) => {
      const once = withDefaults(claim, old, found);
      expect(withDefaults(once, once, later)).toEqual(once);
    }),
  );
});

test("keeps what the user set", () => {
  fc.assert(
    fc.property(situations, ({ claim, old, chosen: found }) => {
      const complete = withDefaults(claim, old, found);
      expect(complete).toMatchObject(claim);
      expect(complete.metadata).toBe(claim.metadata);
    }),
  );
});

test("leaves a good claim good", () => {
  fc.assert(
    fc.property(claimAndClass(postgresClass), ({ claim, chosen: found }) => {
      const complete = withDefaults(claim, undefined, found);
      expect(violations({ claim: complete, chosen: found, classNames: [] })).toEqual([]);
    }),
  );
});

test("changes nothing of a claim that is complete", () => {
  expect(withDefaults(goodClaim, undefined, chosen)).toEqual(goodClaim);
});
