/** What CNPG's webhook would refuse, in its words. Without the webhook CNPG stores it and says so in the status; so do we. */
import { imageOf, majorOf, marks, tagOf } from "./cluster";
import type { Cluster } from "./cluster";

type Fault = { readonly field: string; readonly value: string; readonly problem: string };
type Rule = (cluster: Cluster) => Fault | undefined;

const units: Readonly<Record<string, number>> = {
  "": 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
};

/** A storage amount in bytes; undefined when it is none. */
export function bytesOf(quantity: string): number | undefined {
  const [, digits, unit = ""] = /^(\d+(?:\.\d*)?)([kMGTP]?i?)$/.exec(quantity) ?? [];
  const factor = units[unit];
  return digits === undefined || factor === undefined ? undefined : Number(digits) * factor;
}

const rules: readonly Rule[] = [
  ({ metadata: { name } }) =>
    fault(
      name.length > 50,
      "metadata.name",
      name,
      "the maximum length of a cluster name is 50 characters",
    ),
  ({ metadata: { name } }) =>
    fault(
      !/^[a-z]([-a-z0-9]*[a-z0-9])?$/.test(name),
      "metadata.name",
      name,
      "cluster name must be a valid DNS label",
    ),
  cluster => imageFault(imageOf(cluster)),
  cluster => majorFault(cluster),
  ({ spec }) => sizeFault(spec.storage?.size),
  cluster => shrinkFault(cluster),
];

/** All faults of the definition as CNPG's phaseReason has them; undefined when there is none. */
export function definitionFault(cluster: Cluster): string | undefined {
  const said = rules.flatMap(rule => {
    const found = rule(cluster);
    return found
      ? [`${found.field}: Invalid value: ${JSON.stringify(found.value)}: ${found.problem}`]
      : [];
  });
  return said.length > 1 ? `[${said.join(", ")}]` : said[0];
}

function fault(broken: boolean, field: string, value: string, problem: string): Fault | undefined {
  return broken ? { field, value, problem } : undefined;
}

function imageFault(image: string): Fault | undefined {
  const tag = tagOf(image);
  const say = (problem: string): Fault => ({ field: "spec.imageName", value: image, problem });
  if (tag === "latest") return say("Can't use 'latest' as image tag as we can't detect upgrades");
  if (tag === undefined) return say("Can't use just the image sha as we can't detect upgrades");
  return majorOf(image) === undefined ? say("invalid version tag") : undefined;
}

function majorFault(cluster: Cluster): Fault | undefined {
  const now = majorOf(imageOf(cluster));
  const before = cluster.status?.pgDataImageInfo?.majorVersion;
  if (now === undefined || before === undefined) return undefined;
  const problem = `can't downgrade from major ${before} to ${now}`;
  return fault(now < before, "spec.imageName", String(now), problem);
}

function sizeFault(size: string | undefined): Fault | undefined {
  const field = "spec.storage.size";
  if (size === undefined || size === "") {
    const problem = "Size not configured. Please add it, or a storage request in the pvcTemplate.";
    return { field, value: "", problem };
  }
  return fault(bytesOf(size) === undefined, field, size, "Size value isn't valid");
}

function shrinkFault({ metadata, spec }: Cluster): Fault | undefined {
  const before = metadata.annotations?.[marks.storage] ?? "";
  const now = spec.storage?.size ?? "";
  const shrunk = (bytesOf(now) ?? Infinity) < (bytesOf(before) ?? 0);
  return fault(
    shrunk,
    "spec.storage",
    now,
    `can't shrink existing storage from ${before} to ${now}`,
  );
}
