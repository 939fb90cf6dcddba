/** The arbitraries are tried themselves: one that gives little of what it should would make every test that uses it hollow. */
import * as fc from "fast-check";
import { connectionRefs } from "../../capabilities/claim/claim";
import { anyClaim, anyJson, claim } from "./claim";
import { postgresClass } from "./class";
import { passwordBytes } from "./credentials";

const sample = { numRuns: 500, seed: 1 };

test("claims want their secrets in no, one or several places, in their own namespace or another", () => {
  const claims = fc.sample(claim, sample);
  const counts = claims.map(one => connectionRefs(one).length);
  expect([...new Set(counts)].sort()).toEqual([0, 1, 2, 3]);
  const homes = claims.flatMap(one =>
    connectionRefs(one).map(({ ref }) => ref.namespace === one.metadata.namespace),
  );
  expect(new Set(homes).size).toBe(2);
});

test("claims set any of their fields, or none", () => {
  const fields = new Set(fc.sample(claim, sample).flatMap(({ spec }) => Object.keys(spec)));
  expect([...fields].sort()).toEqual([
    ...["connectionSecretName", "credentialsSecretName", "databaseName", "databaseOwner"],
    ...["deletionPolicy", "deletionProtection"],
    ...[
      "extensions",
      "hibernate",
      "instances",
      "monitoring",
      "parameters",
      "pooler",
      "size",
      "storageGB",
      "version",
    ],
    "writeConnectionSecretToRef",
  ]);
  expect(fc.sample(claim, sample).some(({ spec }) => Object.keys(spec).length === 0)).toBe(true);
});

test("claims have names of one word, of several, and of all the characters that there may be", () => {
  const names = fc.sample(claim, sample).map(({ metadata }) => metadata.name);
  const hyphens = names.map(name => name.split("-").length - 1);
  expect([0, 1, 2, 3].filter(count => hyphens.includes(count))).toEqual([0, 1, 2, 3]);
  expect(Math.max(...names.map(name => name.length))).toBe(50);
});

test("any JSON is of every type, and some of it is shaped like a claim", () => {
  const kinds = new Set(fc.sample(anyJson, sample).map(value => typeof value));
  expect([...kinds]).toEqual(expect.arrayContaining(["string", "number", "boolean", "object"]));
  const texts = fc.sample(anyClaim, sample).map(value => JSON.stringify(value));
  for (const word of ["metadata", "spec", "__proto__", "constructor", "storageGB"]) {
    expect(texts.some(text => text.includes(JSON.stringify(word)))).toBe(true);
  }
});

test("passwords are bytes that are text, and bytes that are none", () => {
  const passwords = fc.sample(passwordBytes, sample);
  const isText = passwords.map(bytes => Buffer.from(bytes.toString("utf8")).equals(bytes));
  expect(new Set(isText).size).toBe(2);
  expect(passwords.some(bytes => bytes.includes("/") || bytes.includes("@"))).toBe(true);
});

test("nobody can change a claim or a class", () => {
  for (const value of [...fc.sample(claim, 5), ...fc.sample(postgresClass, 5)]) {
    expect(() => {
      Object.assign(value.metadata, { name: "another" });
    }).toThrow(TypeError);
  }
});
