/** Claims: such as keep every rule, and such as are any JSON at all. Deep-frozen. */
import { operatorSecretNames } from "../../capabilities/operator/facts";
import { isSameRef } from "../../capabilities/kubernetes/objects";
import * as fc from "fast-check";
import {
  connectionRefs,
  externalCredentials,
  type Claim,
  type ClaimSpec,
  type Extension,
  type Size,
} from "../../capabilities/claim/claim";
import {
  builtInClass,
  completeClass,
  type Class,
  type PostgresClass,
} from "../../capabilities/claim/class";
import { claimKind, group, version } from "../../capabilities/claim/names";
import { frozen } from "./frozen";
import { anyName, claimName, identifier, namespaceName, subdomain } from "./names";

/** In which places the claim names its connection secret, and where that is to be. */
type Wish = {
  readonly places: readonly ("top" | "spec" | "short")[];
  readonly name: string;
  readonly elsewhere: string | undefined;
};

const wish: fc.Arbitrary<Wish> = fc.oneof(
  fc.record({
    places: fc.subarray(["top" as const, "spec" as const, "short" as const]),
    name: subdomain,
    elsewhere: fc.constant(undefined),
  }),
  fc.record({
    places: fc.subarray(["top" as const, "spec" as const], { minLength: 1 }),
    name: subdomain,
    elsewhere: namespaceName,
  }),
);

function sizesOf(chosen: Class): Size[] {
  return (["small", "medium", "large"] as const).filter(size => chosen.sizes[size]);
}

/** Some of those that the class allows, each once. */
function extensionsOf({ allowedExtensions }: Class): fc.Arbitrary<readonly Extension[]> {
  const details = fc.record(
    {
      version: fc.constantFrom("1.0", "1.6", "2.0-beta_1"),
      ensure: fc.constantFrom("present" as const, "absent" as const),
    },
    { requiredKeys: [] },
  );
  return fc
    .subarray([...allowedExtensions])
    .chain(names =>
      fc.tuple(...names.map(name => details.map((detail): Extension => ({ name, ...detail })))),
    );
}

const parameters = fc
  .record(
    {
      work_mem: fc.constantFrom("4MB", "64MB"),
      max_connections: fc.constantFrom("50", "200"),
      statement_timeout: fc.constantFrom("30s", "0"),
      jit: fc.constantFrom("on", "off"),
      TimeZone: fc.constant("Europe/Berlin"),
    },
    { requiredKeys: [] },
  )
  .map(found => JSON.parse(JSON.stringify(found)) as Readonly<Record<string, string>>);

function specOf(chosen: Class): fc.Arbitrary<ClaimSpec> {
  const full: fc.Arbitrary<ClaimSpec> = fc.record(
    {
      size: fc.constantFrom(...sizesOf(chosen)),
      version: fc.constantFrom(...chosen.versions.allowed),
      storageGB: fc.integer({ min: 1, max: 65536 }),
      instances: fc.integer({ min: chosen.durability === "required" ? 2 : 1, max: 9 }),
      parameters,
      hibernate: fc.boolean(),
      databaseName: identifier,
      databaseOwner: identifier,
      extensions: extensionsOf(chosen),
      credentialsSecretName: subdomain,
      pooler: fc.record(
        {
          instances: fc.integer({ min: 1, max: 9 }),
          mode: fc.constantFrom("session" as const, "transaction" as const),
        },
        { requiredKeys: [] },
      ),
      monitoring: fc.boolean(),
      deletionPolicy: fc.constantFrom(
        chosen.deletionPolicies.default,
        ...chosen.deletionPolicies.allowed,
      ),
      deletionProtection: fc.boolean(),
    },
    { requiredKeys: chosen.sizes.small ? [] : ["size"] },
  );
  if (!chosen.sizes.small) return full;
  return fc.oneof({ weight: 9, arbitrary: full }, { weight: 1, arbitrary: fc.constant({}) });
}

const metadata = fc.record({
  name: claimName,
  namespace: namespaceName,
  uid: fc.uuid(),
  generation: fc.integer({ min: 1, max: 100 }),
});

function claimFrom(meta: Claim["metadata"], spec: ClaimSpec, asked: Wish): Claim {
  const { places, name, elsewhere } = asked;
  const ref = { name, ...(elsewhere === undefined ? {} : { namespace: elsewhere }) };
  return {
    apiVersion: `${group}/${version}`,
    kind: claimKind,
    metadata: meta,
    spec: {
      ...spec,
      ...(places.includes("spec") ? { writeConnectionSecretToRef: ref } : {}),
      ...(places.includes("short") ? { connectionSecretName: name } : {}),
    },
    ...(places.includes("top") ? { writeConnectionSecretToRef: ref } : {}),
  };
}

function avoidsOthersSecrets(claim: Claim): boolean {
  const taken = operatorSecretNames(claim);
  const external = externalCredentials(claim);
  const refs = connectionRefs(claim).map(({ ref }) => ref);
  return (
    [...refs, ...(external ? [external] : [])].every(({ name }) => !taken.includes(name)) &&
    refs.every(ref => !external || !isSameRef(ref, external))
  );
}

/** Claims without className that keep every rule of this class. */
export function claimOf(chosen: Class): fc.Arbitrary<Claim> {
  return frozen(
    fc
      .tuple(metadata, specOf(chosen), wish)
      .map(parts => claimFrom(...parts))
      .filter(avoidsOthersSecrets),
  );
}

/** Claims that keep every rule of the built-in class. */
export const claim = claimOf(builtInClass);

/** Claims that set neither database nor owner, and bring no credentials. */
export const plainClaim = claim.filter(({ spec }) =>
  [spec.databaseName, spec.databaseOwner, spec.credentialsSecretName].every(
    name => name === undefined,
  ),
);

/** A class that is there, beside a claim that names it and keeps every rule of it. */
export function claimAndClass(
  classes: fc.Arbitrary<PostgresClass>,
): fc.Arbitrary<{ readonly found: PostgresClass; readonly chosen: Class; readonly claim: Claim }> {
  return frozen(
    classes.chain(found => {
      const chosen = completeClass(found);
      return claimOf(chosen).map(made => ({
        found,
        chosen,
        claim: { ...made, spec: { ...made.spec, className: chosen.name } },
      }));
    }),
  );
}

/** Any JSON value; numbers, names and keys that have brought others down are among them. */
export const anyJson: fc.Arbitrary<unknown> = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom(null, [], {}, "", 0, -1, 1.5, 1e308, "__proto__", "constructor"),
);

const anyKey = fc.constantFrom(
  ...[
    "size",
    "version",
    "storageGB",
    "instances",
    "className",
    "databaseName",
    "databaseOwner",
    "extensions",
    "connectionSecretName",
    "credentialsSecretName",
    "pooler",
    "monitoring",
    ...["deletionPolicy", "deletionProtection"],
  ],
  ...["writeConnectionSecretToRef", "name", "namespace", "labels"],
  ...["__proto__", "constructor", "hasOwnProperty", "toString", "", "a\nb"],
);

const anyFields = fc.dictionary(anyKey, fc.oneof(anyJson, anyName), { maxKeys: 8 });

/** Anything that may come where a claim is awaited: shaped like one or not. */
export const anyClaim: fc.Arbitrary<unknown> = frozen(
  fc
    .oneof(
      anyJson,
      fc.record(
        {
          apiVersion: anyJson,
          kind: anyJson,
          metadata: fc.oneof(anyJson, fc.record({ name: anyName, namespace: anyName }), anyFields),
          spec: fc.oneof(
            anyJson,
            anyFields,
            claim.map(({ spec }) => spec),
          ),
          status: anyJson,
          writeConnectionSecretToRef: fc.oneof(anyJson, anyFields),
        },
        { requiredKeys: [] },
      ),
    )
    // What comes over the wire was JSON once: own keys of any name, ordinary prototypes.
    .map(value => JSON.parse(JSON.stringify(value)) as unknown),
);
