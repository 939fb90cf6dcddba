import * as fc from "fast-check";
import { connectionRefSchema, specSchema } from "../../capabilities/claim/claim-schema";
import { parseClaim } from "../../capabilities/claim/parse";
import { schemaFaults } from "../../capabilities/claim/schema";
import { anyClaim, claim } from "../arbitrary/claim";
import { goodClaim } from "../good-claim";
import { without } from "../without";

const required = { field: "metadata.name", problem: "is required" };

test("a good claim is read as it is", () => {
  const metadata = without(goodClaim.metadata, "generation");
  expect(parseClaim(goodClaim)).toEqual({ claim: { ...goodClaim, metadata }, faults: [] });
});

test("sound fields are kept beside faulty ones", () => {
  const spec = { size: "huge", version: "16", storageGB: 0, instances: 3, color: "red" };
  const { claim: parsed, faults } = parseClaim({ ...goodClaim, spec });
  expect(parsed.spec).toEqual({ version: "16", instances: 3 });
  expect(parsed.writeConnectionSecretToRef).toEqual(goodClaim.writeConnectionSecretToRef);
  expect(faults.map(({ field }) => field)).toEqual(["spec.size", "spec.storageGB", "spec.color"]);
});

test("a faulty ref is left out beside a sound spec", () => {
  const ref = { name: "Orders", namespace: "team-a" };
  const { claim: parsed, faults } = parseClaim({ ...goodClaim, writeConnectionSecretToRef: ref });
  expect(parsed.spec).toEqual(goodClaim.spec);
  expect(parsed).not.toHaveProperty("writeConnectionSecretToRef");
  expect(faults).toEqual([
    {
      field: "writeConnectionSecretToRef.name",
      problem: `is "Orders", but must match ${connectionRefSchema.properties.name.pattern}`,
    },
  ]);
});

test("a claim without spec asks for nothing in particular", () => {
  expect(parseClaim(without(goodClaim, "spec"))).toMatchObject({ claim: { spec: {} }, faults: [] });
});

test.each([
  ["a text", "claim"],
  ["null", null],
  ["a list", []],
  ["nothing", undefined],
  ["metadata of another type", { metadata: 1 }],
  ["a name of another type", { metadata: { name: 1 } }],
  ["an empty name", { metadata: { name: "" } }],
])("%s is a claim that lacks its name", (_title, value) => {
  const { claim: parsed, faults } = parseClaim(value);
  expect(parsed).toMatchObject({ metadata: { name: "" }, spec: {} });
  expect(faults).toEqual([required]);
});

test("a claim that the API server is to name is not at fault for having no name yet", () => {
  expect(parseClaim({ metadata: { generateName: "orders-" } }).faults).toEqual([]);
});

test("whatever is read of any JSON fits the schema, and what does not is told", () => {
  fc.assert(
    fc.property(anyClaim, value => {
      const { claim: parsed, faults } = parseClaim(value);
      const ref = parsed.writeConnectionSecretToRef;
      expect(schemaFaults(specSchema, parsed.spec, "spec")).toEqual([]);
      expect(ref === undefined ? [] : schemaFaults(connectionRefSchema, ref, "ref")).toEqual([]);
      for (const { field, problem } of faults) expect([field, problem]).not.toContain("");
    }),
  );
});

test("reading what was read finds nothing new", () => {
  fc.assert(
    fc.property(fc.oneof(anyClaim, claim), value => {
      const once = parseClaim(value).claim;
      const { claim: twice, faults } = parseClaim(once);
      expect(twice).toEqual(once);
      expect(faults).toEqual(once.metadata.name === "" ? [required] : []);
    }),
  );
});
