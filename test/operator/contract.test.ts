/** What holds for every backend in the table; a new one is found here by itself. */
import { isControlledBy } from "../../capabilities/kubernetes/owners";
import * as fc from "fast-check";
import { withDefaults } from "../../capabilities/admission/instance/defaults";
import type { Operator } from "../../capabilities/operator/operator";
import { operators } from "../../capabilities/operator/operators";
import {
  databaseName,
  databaseOwner,
  externalCredentials,
  type Claim,
  type ClaimSpec,
} from "../../capabilities/claim/claim";
import { builtInClass, type Class } from "../../capabilities/claim/class";
import {
  apiVersionOf,
  type KubeObject,
  type Secret,
  keyOf,
  isSameRef,
  refOf,
} from "../../capabilities/kubernetes/objects";
import { annotations, labels } from "../../capabilities/claim/names";
import { claimAndClass } from "../arbitrary/claim";
import { postgresClass } from "../arbitrary/class";
import { deepFreeze } from "../arbitrary/frozen";
import { goodClaim } from "../good-claim";
import { clusterFault } from "./published-schema";

/** What the operator's published schema says against an object. Of Zalando's there is no package: its CRD judges in the stories. */
const schemaFault: Readonly<Partial<Record<keyof typeof operators, SchemaFault>>> = {
  cnpg: clusterFault,
};

type SchemaFault = (object: KubeObject) => string | undefined;

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names */
const longestSubdomain = 253;
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;

const everything = claimAndClass(postgresClass).map(({ claim, chosen }) => ({
  claim: withDefaults(claim, undefined, chosen),
  chosen,
}));

/** Claims and classes of what the operator can do: what it refuses is left out of them. */
function situationsOf(backend: Operator): fc.Arbitrary<{ claim: Claim; chosen: Class }> {
  return everything.map(({ claim, chosen: some }) => {
    const chosen = { ...some, zalando: { teamId: "team" } };
    const fields = backend.unsupported(claim, chosen).map(({ field }) => field);
    const spec = Object.entries(claim.spec).filter(([name]) => !fields.includes(`spec.${name}`));
    return { claim: deepFreeze({ ...claim, spec: Object.fromEntries(spec) as ClaimSpec }), chosen };
  });
}

const table = (Object.keys(operators) as (keyof typeof operators)[]).map(
  name => [name, operators[name]] as const,
);

function secret(data?: Readonly<Record<string, string>>): Secret {
  return deepFreeze({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { name: "a", namespace: "b" },
    ...(data ? { data } : {}),
  });
}

describe.each(table)("%s", (name, backend: Operator) => {
  const situations = situationsOf(backend);
  const fault = schemaFault[name];
  const testSchema = fault ? test : test.skip;
  const why = fault ? "" : " (no package has it: its CRD judges in the stories)";
  const brought: Claim = { ...goodClaim, spec: { credentialsSecretName: "own" } };
  const isBringable = backend
    .unsupported(brought, { ...builtInClass, zalando: { teamId: "team" } })
    .every(({ field }) => field !== "spec.credentialsSecretName");

  test("names are legal and in the claim's namespace", () => {
    fc.assert(
      fc.property(situations, ({ claim, chosen }) => {
        const refs = [backend.objects.ref(claim, chosen), backend.credentials.ref(claim, chosen)];
        for (const ref of [...refs, refOf(backend.objects.desired(claim, chosen))]) {
          expect(ref.name).toMatch(subdomain);
          if (ref.name !== claim.spec.credentialsSecretName) {
            expect(ref.name.length).toBeLessThanOrEqual(longestSubdomain);
          }
          expect(ref.namespace).toBe(claim.metadata.namespace);
        }
      }),
    );
  });

  test("the object is of the kind and name that are said, and the claim's", () => {
    fc.assert(
      fc.property(situations, ({ claim, chosen }) => {
        const object = backend.objects.desired(claim, chosen);
        expect(object.apiVersion).toBe(apiVersionOf(backend.objects.resource));
        expect(object.kind).toBe(backend.objects.resource.kind);
        expect(isSameRef(refOf(object), backend.objects.ref(claim, chosen))).toBe(true);
        expect(backend.objects.standing(object, claim)).toBe("ours");
      }),
    );
  });

  test("no two claims share an object", () => {
    fc.assert(
      fc.property(
        situations,
        situations,
        fc.boolean(),
        ({ claim: one, chosen }, { claim: two }, isNear) => {
          const { namespace = "" } = one.metadata;
          const other = isNear ? { ...two, metadata: { ...two.metadata, namespace } } : two;
          fc.pre(!isSameRef(refOf(one), refOf(other)));
          const keys = [one, other].map(claim => keyOf(backend.objects.ref(claim, chosen)));
          expect(new Set(keys).size).toBe(2);
          // What a user brings may be for two claims.
          const own = [one, other].filter(claim => !externalCredentials(claim));
          const secrets = own.map(claim => keyOf(backend.credentials.ref(claim, chosen)));
          expect(new Set(secrets).size).toBe(own.length);
        },
      ),
    );
  });

  test("optional objects have legal names, are in the claim's namespace and the claim's, made of what it asks for alone", () => {
    fc.assert(
      fc.property(situations, ({ claim, chosen }) => {
        for (const { field, ref, resource, desired } of backend.objects.optional(claim, chosen)) {
          expect(ref.name).toMatch(subdomain);
          expect(ref.name.length).toBeLessThanOrEqual(63);
          expect(ref.namespace).toBe(claim.metadata.namespace);
          if (claim.spec[field] === undefined) expect(desired).toBeUndefined();
          if (!desired) continue;
          expect(desired.apiVersion).toBe(apiVersionOf(resource));
          expect(desired.kind).toBe(resource.kind);
          expect(isSameRef(refOf(desired), ref)).toBe(true);
          expect(isControlledBy(desired, claim)).toBe(true);
          expect(desired.metadata.labels?.[labels.claimUid]).toBe(claim.metadata.uid);
          expect(JSON.parse(JSON.stringify(desired))).toStrictEqual(desired);
        }
      }),
    );
  });

  test("every claim has the same kinds of optional objects, each once: else one would not be removed", () => {
    fc.assert(
      fc.property(situations, situations, (one, two) => {
        const [first = [], second = []] = [one, two].map(({ claim, chosen }) =>
          backend.objects
            .optional(claim, chosen)
            .map(({ field, resource }) => [field, resource.plural]),
        );
        expect(first).toEqual(second);
        expect(new Set(first.flat()).size).toBe(first.flat().length);
      }),
    );
  });

  test("any status of an optional object gives a health with words, never a throw; a new one is not healthy", () => {
    const fields = fc.record(
      {
        applied: fc.boolean(),
        observedGeneration: fc.nat(),
        message: fc.string(),
        phase: fc.constantFrom("active", "inactive", "failed", "another"),
        phaseReason: fc.string(),
        extensions: fc.array(fc.record({ name: fc.string(), applied: fc.boolean() })),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(situations, fields, ({ claim, chosen }, status) => {
        for (const { field, desired, health } of backend.objects.optional(claim, chosen)) {
          if (!desired) continue;
          expect(health({ ...desired, ...{ status } }).message).not.toBe("");
          // A PodMonitor has no status: it is there or not.
          expect(health(desired).state).toBe(field === "monitoring" ? "healthy" : "progressing");
        }
      }),
    );
  });

  test("the credentials are those that the claim brings, if it does and may", () => {
    const ref = backend.credentials.ref(brought, builtInClass);
    expect(isSameRef(ref, { name: "own", namespace: refOf(brought).namespace })).toBe(isBringable);
  });

  test("the object says for whom the database is made", () => {
    fc.assert(
      fc.property(situations, ({ claim, chosen }) => {
        const made = backend.objects.desired(claim, chosen);
        expect(backend.objects.ownerOf(made)).toBe(databaseOwner(claim));
        expect(backend.objects.databaseOf(made)).toBe(databaseName(claim));
        const { apiVersion, kind, metadata } = backend.objects.desired(claim, chosen);
        expect(backend.objects.ownerOf({ apiVersion, kind, metadata })).toBeUndefined();
      }),
    );
  });

  test("an object that is to outlive its claim has no owner, is the claim's all the same, and no other's before that names it", () => {
    fc.assert(
      fc.property(situations, ({ claim, chosen }) => {
        const spec = { ...claim.spec, deletionPolicy: "Retain" as const };
        const ours = { ...claim, spec, metadata: { ...claim.metadata, uid: "uid-of-the-claim" } };
        const made = backend.objects.desired(ours, chosen);
        const found = { ...made, metadata: { ...made.metadata, uid: "uid-of-the-object" } };
        const next = { ...ours, metadata: { ...ours.metadata, uid: "another" } };
        const adopt = { [annotations.adopt]: "uid-of-the-object" };
        const heir = { ...next, metadata: { ...next.metadata, annotations: adopt } };
        expect(made.metadata.ownerReferences).toBeUndefined();
        const standings = [ours, next, heir].map(one => backend.objects.standing(found, one));
        expect(standings).toEqual(["ours", "kept", "ours"]);
      }),
    );
  });

  testSchema(`the object fits the operator's published schema${why}`, () => {
    fc.assert(
      fc.property(situations, ({ claim, chosen }) => {
        expect(fault?.(backend.objects.desired(claim, chosen))).toBeUndefined();
      }),
      { numRuns: 300 },
    );
  });

  testSchema(`the published schema finds an object that does not fit it${why}`, () => {
    const [one] = fc.sample(situations, 1);
    if (!one) throw new Error("there is a sample");
    const object = backend.objects.desired(one.claim, one.chosen);
    expect(fault?.({ ...object, ...{ spec: { instances: "three" } } })).toMatch("instances");
  });

  test("the same claim gives the same object, which is JSON: nothing in it is undefined", () => {
    fc.assert(
      fc.property(situations, ({ claim, chosen }) => {
        const object = backend.objects.desired(claim, chosen);
        expect(JSON.parse(JSON.stringify(object))).toStrictEqual(object);
        expect(JSON.stringify(backend.objects.desired(claim, chosen))).toBe(JSON.stringify(object));
      }),
    );
  });

  test("any status gives a health with words, never a throw", () => {
    const fields = fc.record(
      {
        phase: fc.string(),
        PostgresClusterStatus: fc.oneof(fc.string(), fc.constantFrom("Running", "SyncFailed")),
        phaseReason: fc.string(),
        readyInstances: fc.nat(),
        image: fc.string(),
        conditions: fc.array(
          fc.record({ type: fc.string(), status: fc.constantFrom("True", "x") }),
        ),
      },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(situations, fields, ({ claim, chosen }, status) => {
        const desired = backend.objects.desired(claim, chosen);
        const { state, message } = backend.health({ ...desired, ...{ status } }, desired, []);
        expect([state, message]).not.toContain("");
        expect(state).not.toBe("healthy");
      }),
    );
  });

  test("an object that is just made is not healthy", () => {
    fc.assert(
      fc.property(situations, ({ claim, chosen }) => {
        const desired = backend.objects.desired(claim, chosen);
        expect(backend.health(desired, desired, []).state).toBe("progressing");
      }),
    );
  });

  test("credentials are taken over as they are, and only if they are complete", () => {
    const whole = { username: "YQ==", password: "Yg==" };
    expect(backend.credentials.of(secret({ ...whole, other: "Yw==" }))).toEqual(whole);
    expect(backend.credentials.of(secret())).toBeUndefined();
    expect(backend.credentials.of(secret({ username: "YQ==" }))).toBeUndefined();
    expect(backend.credentials.of(secret({ username: "YQ==", password: "" }))).toBeUndefined();
    expect(backend.credentials.of(secret({ username: "", password: "Yg==" }))).toBeUndefined();
  });

  test("the endpoint resolves from every namespace: it ends with the cluster's domain", () => {
    fc.assert(
      fc.property(situations, ({ claim, chosen }) => {
        const { namespace = "" } = claim.metadata;
        const endpoint = backend.objects.endpoint(claim, chosen);
        expect(endpoint.endsWith(`.${namespace}.svc.${chosen.clusterDomain}`)).toBe(true);
      }),
    );
  });
});
