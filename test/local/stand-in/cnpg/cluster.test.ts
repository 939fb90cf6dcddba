import {
  databaseOf,
  imageOf,
  instanceNames,
  majorOf,
  ownerOf,
  tagOf,
} from "../../../../local/stand-in/cnpg/cluster";
import { good, withSpec } from "./clusters";

test.each([
  ["ghcr.io/cloudnative-pg/postgresql:16", "16", 16],
  ["ghcr.io/cloudnative-pg/postgresql:18.4-system-trixie", "18.4-system-trixie", 18],
  ["localhost:5000/postgresql:15.2@sha256:0a", "15.2", 15],
  ["postgresql:main", "main", undefined],
  ["localhost:5000/postgresql", "latest", undefined],
  ["postgresql@sha256:0a", undefined, undefined],
])("%s has tag %s and major version %s", (image, tag, major) => {
  expect(tagOf(image)).toBe(tag);
  expect(majorOf(image)).toBe(major);
});

test("reads CNPG's defaults where the spec says nothing", () => {
  const bare = { ...good, spec: {} };
  expect([databaseOf(bare), ownerOf(bare)]).toEqual(["app", "app"]);
  expect(majorOf(imageOf(bare))).toBe(18);
  expect(instanceNames(bare)).toEqual(["orders-db-1"]);
});

test("takes the database's name for an owner that is not named", () => {
  expect(ownerOf(withSpec({ bootstrap: { initdb: { database: "orders" } } }))).toBe("orders");
});
