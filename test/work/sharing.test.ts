/** Equal parts of objects are one object, and nothing else is. */
import * as fc from "fast-check";
import { createSharing, mostRemembered } from "../../capabilities/work/sharing";

const sizes = { requests: { cpu: "2", memory: "4Gi" }, limits: { memory: "4Gi" } };

describe("what is given back", () => {
  test("is equal to what was handed over", () => {
    const share = createSharing();
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(share(value)).toEqual(value);
      }),
    );
  });

  test.each([
    ["a name of a field that looks like two", { "a:1,b": "2" }, { a: "1", b: "2" }],
    ["a number and its digits", { a: 1 }, { a: "1" }],
    ["a list and an object", { a: ["0"] }, { a: { "0": "0" } }],
    ["nothing and its name", { a: null }, { a: "null" }],
    ["no fields and no items", { a: {} }, { a: [] }],
    ["fields that were not handed over", JSON.parse('{"__proto__": {"a": "b"}}'), {}],
  ])("keeps apart %s", (_what, one, other) => {
    const share = createSharing();
    expect([share(one), share(other)]).toEqual([one, other]);
    expect([share(other), share(one)]).toEqual([other, one]);
  });
});

test("equal parts of different objects are one", () => {
  const share = createSharing();
  const one = share({ name: "one", spec: structuredClone(sizes), items: [{ a: "b" }] });
  const other = share({ name: "other", spec: structuredClone(sizes), items: [{ a: "b" }, 1] });
  expect(other.spec).toBe(one.spec);
  expect(other.items[0]).toBe(one.items[0]);
});

test("what comes again is remembered beside any number of others, and what does not is let go", () => {
  const share = createSharing();
  const common = share({ spec: structuredClone(sizes) }).spec;
  const once = share({ spec: { once: "only" } }).spec;
  for (let count = 0; count < mostRemembered * 4; count++) {
    expect(share({ count: `${count}`, spec: structuredClone(sizes) }).spec).toBe(common);
  }
  expect(share({ spec: { once: "only" } }).spec).not.toBe(once);
});
