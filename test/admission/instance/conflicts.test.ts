import * as fc from "fast-check";
import {
  conflictViolations,
  rivalsAmong,
} from "../../../capabilities/admission/instance/conflicts";
import type { Claim } from "../../../capabilities/claim/claim";
import type { Violation } from "../../../capabilities/claim/violation";
import { claim as anyGoodClaim } from "../../arbitrary/claim";
import { deepFreeze } from "../../arbitrary/frozen";
import { goodClaim, withFields } from "../../good-claim";

function asks(name: string, namespace: string, secret?: string, elsewhere?: string): Claim {
  return deepFreeze({
    ...withFields({ writeConnectionSecretToRef: undefined }),
    metadata: { ...goodClaim.metadata, name, namespace },
    ...(secret === undefined
      ? {}
      : {
          writeConnectionSecretToRef: {
            name: secret,
            ...(elsewhere ? { namespace: elsewhere } : {}),
          },
        }),
  });
}

function pooled(name: string, namespace: string): Claim {
  return deepFreeze({ ...asks(name, namespace), spec: { ...goodClaim.spec, pooler: {} } });
}

const held = (secret: string, by: string): Violation => ({
  field: "writeConnectionSecretToRef",
  problem: `asks for Secret ${secret}, which claim ${by} already writes: use another name`,
});

const operators = (secret: string, of: string): Violation => ({
  field: "writeConnectionSecretToRef",
  problem: `asks for Secret ${secret}, which the operator makes for claim ${of}: use another name`,
});

function brings(name: string, namespace: string, credentialsSecretName: string): Claim {
  return deepFreeze({ ...asks(name, namespace), spec: { credentialsSecretName } });
}

const belongs = (secret: string, to: string): Violation => ({
  field: "spec.credentialsSecretName",
  problem: `asks for Secret ${secret}, which belongs to claim ${to}: name one of your own`,
});

const cases: readonly (readonly [string, Claim, readonly Claim[], readonly Violation[]])[] = [
  ["takes a claim that is alone", goodClaim, [], []],
  ["takes a claim beside itself", goodClaim, [goodClaim], []],
  [
    "takes the same secret's name in another namespace",
    asks("a", "one", "secret"),
    [asks("b", "two", "secret")],
    [],
  ],
  ["takes a pooler's name in another namespace", asks("a-pooler", "two"), [pooled("a", "one")], []],
  ["takes such a name where no pooler is", asks("a-pooler", "one"), [asks("a", "one")], []],
  [
    "refuses the name of another claim's pooler",
    asks("a-pooler", "one"),
    [pooled("a", "one")],
    [
      {
        field: "metadata.name",
        problem: 'is "a-pooler", the name of the pooler of claim one/a: use another name',
      },
    ],
  ],
  [
    "refuses a pooler of another claim's name",
    pooled("a", "one"),
    [asks("a-pooler", "one")],
    [
      {
        field: "spec.pooler",
        problem:
          'would be named "a-pooler", as claim one/a-pooler is: leave it out, or make a claim of another name',
      },
    ],
  ],
  ["takes claims without secrets", asks("a", "one"), [asks("b", "one")], []],
  [
    "refuses a secret that another claim writes",
    asks("a", "one", "secret"),
    [asks("b", "one", "secret")],
    [held("one/secret", "one/b")],
  ],
  [
    "refuses a secret that a claim of another namespace writes",
    asks("a", "one", "secret"),
    [asks("a", "two", "secret", "one")],
    [held("one/secret", "two/a")],
  ],
  [
    "refuses a secret that is the operator's for another claim",
    asks("a", "one", "b-app"),
    [asks("b", "one")],
    [operators("one/b-app", "one/b")],
  ],
  [
    "takes such a name where that claim is not",
    asks("a", "one", "b-app", "two"),
    [asks("b", "one")],
    [],
  ],
  [
    "refuses a name whose operator secrets another claim writes",
    asks("b", "one"),
    [asks("a", "one", "b-app")],
    [
      {
        field: "metadata.name",
        problem:
          '"b" makes the operator need Secret one/b-app, which claim one/a already writes: use another name',
      },
    ],
  ],
  [
    "takes the same credentials for two claims",
    brings("a", "one", "given"),
    [brings("b", "one", "given")],
    [],
  ],
  [
    "refuses credentials that are another claim's connection secret",
    brings("a", "one", "secret"),
    [asks("b", "two", "secret", "one")],
    [belongs("one/secret", "two/b")],
  ],
  [
    "refuses credentials that the operator makes for another claim",
    brings("a", "one", "b-app"),
    [asks("b", "one")],
    [belongs("one/b-app", "one/b")],
  ],
  [
    "takes credentials of such names in another namespace",
    brings("a", "one", "b-app"),
    [asks("b", "two", "b-app-2")],
    [],
  ],
  [
    "refuses a connection secret that has another claim's credentials",
    asks("a", "two", "given", "one"),
    [brings("b", "one", "given")],
    [
      {
        field: "writeConnectionSecretToRef",
        problem:
          "asks for Secret one/given, which has the credentials for claim one/b: use another name",
      },
    ],
  ],
  [
    "refuses a name whose operator secrets are another claim's credentials",
    asks("b", "one"),
    [brings("a", "one", "b-ca")],
    [
      {
        field: "metadata.name",
        problem:
          '"b" makes the operator need Secret one/b-ca, which has the credentials for claim one/a: use another name',
      },
    ],
  ],
  [
    "tells of every claim that is in the way",
    asks("a", "one", "secret"),
    [asks("b", "one", "secret"), asks("c", "two", "secret", "one"), asks("d", "one", "a-ca")],
    [
      held("one/secret", "one/b"),
      held("one/secret", "two/c"),
      {
        field: "metadata.name",
        problem:
          '"a" makes the operator need Secret one/a-ca, which claim one/d already writes: use another name',
      },
    ],
  ],
  [
    "names the field in which the secret is asked for",
    { ...asks("a", "one"), spec: { connectionSecretName: "secret" } },
    [asks("b", "one", "secret")],
    [{ ...held("one/secret", "one/b"), field: "spec.connectionSecretName" }],
  ],
];

test.each(cases)("%s", (_title, claim, others, faults) => {
  expect(conflictViolations(claim, others)).toEqual(faults);
});

test("of two claims in each other's way, each one is refused beside the other", () => {
  fc.assert(
    fc.property(anyGoodClaim, anyGoodClaim, fc.boolean(), (one, two, isNear) => {
      const { namespace = "" } = one.metadata;
      const other = isNear ? { ...two, metadata: { ...two.metadata, namespace } } : two;
      const [here, there] = [conflictViolations(one, [other]), conflictViolations(other, [one])];
      expect(here.length > 0).toBe(there.length > 0);
    }),
  );
});

test("what a claim gets in the way of is found among its rivals alone", () => {
  const name = fc.constantFrom("orders", "orders-app", "users", "orders-app-ca", "orders-pooler");
  const secret = fc.constantFrom("orders-app", "users-ca", "orders-app-ca-server", "shared");
  const namespace = fc.constantFrom("team-a", "team-b");
  const anyOf = fc.oneof(
    fc.tuple(name, namespace).map(words => asks(...words)),
    fc.tuple(name, namespace, secret, namespace).map(words => asks(...words)),
    fc.tuple(name, namespace, secret).map(words => brings(...words)),
    fc.tuple(name, namespace).map(words => pooled(...words)),
  );
  fc.assert(
    fc.property(fc.array(anyOf, { maxLength: 8 }), claims => {
      const rivalsOf = rivalsAmong(claims);
      for (const claim of claims) {
        expect(conflictViolations(claim, rivalsOf(claim))).toEqual(
          conflictViolations(claim, claims),
        );
      }
    }),
    { numRuns: 1000 },
  );
});
