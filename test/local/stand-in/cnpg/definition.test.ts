import { marks } from "../../../../local/stand-in/cnpg/cluster";
import type { Cluster } from "../../../../local/stand-in/cnpg/cluster";
import { bytesOf, definitionFault } from "../../../../local/stand-in/cnpg/definition";
import { good, withAnnotations, withName, withSpec, withStatus } from "./clusters";

const image = (imageName: string): Cluster => withSpec({ imageName });
const size = (amount: string): Cluster => withSpec({ storage: { size: amount } });
const ran15 = withStatus({ pgDataImageInfo: { image: "x:15", majorVersion: 15 } });
const volumeOf3Gi = withAnnotations({ [marks.storage]: "3Gi" });
const name51 = "a".repeat(51);

// The words are those of recordings/cnpg-1.30.0/refusals.txt.
test.each<[string, Cluster, string]>([
  [
    "storage smaller than before",
    withSpec({ storage: { size: "1Gi" } }, volumeOf3Gi),
    `spec.storage: Invalid value: "1Gi": can't shrink existing storage from 3Gi to 1Gi`,
  ],
  [
    "storage that is no amount",
    size("abc"),
    `spec.storage.size: Invalid value: "abc": Size value isn't valid`,
  ],
  [
    "no storage",
    withSpec({ storage: {} }),
    `spec.storage.size: Invalid value: "": Size not configured. Please add it, or a storage request in the pvcTemplate.`,
  ],
  [
    "a lower major version",
    withSpec({ imageName: "x:14" }, ran15),
    `spec.imageName: Invalid value: "14": can't downgrade from major 15 to 14`,
  ],
  [
    "the tag latest",
    image("local/postgresql:latest"),
    `spec.imageName: Invalid value: "local/postgresql:latest": Can't use 'latest' as image tag as we can't detect upgrades`,
  ],
  [
    "a tag that is no version",
    image("x:main"),
    `spec.imageName: Invalid value: "x:main": invalid version tag`,
  ],
  [
    "only a digest",
    image("x@sha256:0a"),
    `spec.imageName: Invalid value: "x@sha256:0a": Can't use just the image sha as we can't detect upgrades`,
  ],
  [
    "a name of 51 characters",
    withName(name51),
    `metadata.name: Invalid value: "${name51}": the maximum length of a cluster name is 50 characters`,
  ],
  [
    "a name with a dot",
    withName("a.b"),
    `metadata.name: Invalid value: "a.b": cluster name must be a valid DNS label`,
  ],
  [
    "a name that begins with a digit",
    withName("1abc"),
    `metadata.name: Invalid value: "1abc": cluster name must be a valid DNS label`,
  ],
])("refuses %s", (_, cluster, fault) => {
  expect(definitionFault(cluster)).toBe(fault);
});

test.each<[string, Cluster]>([
  ["a plain Cluster", good],
  ["a name of 50 characters", withName("a".repeat(50))],
  ["a higher major version", withSpec({ imageName: "x:17" }, ran15)],
  ["no image", { ...good, spec: { storage: { size: "1Gi" } } }],
  ["grown storage", withSpec({ storage: { size: "4Gi" } }, volumeOf3Gi)],
  ["the same storage in other words", withSpec({ storage: { size: "3072Mi" } }, volumeOf3Gi)],
])("accepts %s", (_, cluster) => {
  expect(definitionFault(cluster)).toBeUndefined();
});

test("names all faults of a Cluster", () => {
  expect(definitionFault(withSpec({ storage: { size: "abc" } }, withName("a.b")))).toBe(
    `[metadata.name: Invalid value: "a.b": cluster name must be a valid DNS label, ` +
      `spec.storage.size: Invalid value: "abc": Size value isn't valid]`,
  );
});

test.each([
  ["1Gi", 1073741824],
  ["1.5k", 1500],
  ["7", 7],
  ["1gi", undefined],
  ["-1Gi", undefined],
  ["", undefined],
])("%s is %s bytes", (quantity, bytes) => {
  expect(bytesOf(quantity)).toBe(bytes);
});
