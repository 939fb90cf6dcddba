/** What a claim of either kind may ask of logins beside its owner's. */
import { judgeDatabase } from "../../capabilities/admission/database/judgement";
import { conflictViolations, rivalWords } from "../../capabilities/admission/instance/conflicts";
import { violations } from "../../capabilities/admission/instance/rules";
import type { Claim, ClaimSpec } from "../../capabilities/claim/claim";
import { builtInClass } from "../../capabilities/claim/class";
import type { DatabaseClaim, DatabaseSpec } from "../../capabilities/claim/database";
import type { Violation } from "../../capabilities/claim/violation";
import { unsupported } from "../../capabilities/operator/zalando/unsupported";
import { deepFreeze } from "../arbitrary/frozen";
import { goodClaim, named, withFields, withSpec } from "../good-claim";

type Access = NonNullable<ClaimSpec["access"]>;

function reads(name: string): Access {
  return { readOnly: { secretRef: { name } } };
}

function writes(name: string): Access {
  return { readWrite: { secretRef: { name } } };
}

const readField = "spec.access.readOnly.secretRef.name";

function ofInstance(claim: Claim): readonly Violation[] {
  return violations({ claim, chosen: builtInClass, classNames: [] });
}

test.each<readonly [string, Claim, readonly Violation[]]>([
  ["takes both logins", withSpec({ access: { ...reads("a"), ...writes("b") } }), []],
  [
    "refuses one Secret for two logins",
    withSpec({ access: { ...reads("a"), ...writes("a") } }),
    [readField, "spec.access.readWrite.secretRef.name"].map(field => ({
      field,
      problem: 'is "a", which another field names too: each login needs a Secret of its own',
    })),
  ],
  [
    "refuses the connection secret for a login",
    withSpec({ access: reads("orders-postgres") }),
    [
      {
        field: readField,
        problem:
          'is "orders-postgres", which another field names too: each login needs a Secret of its own',
      },
    ],
  ],
  [
    "refuses the operator's own Secret",
    withSpec({ access: reads("orders-db-app") }),
    [
      {
        field: readField,
        problem:
          'is "orders-db-app", the name of a Secret that the operator makes for this claim: use for example "orders-db-connection"',
      },
    ],
  ],
  [
    "refuses the name of a password beside the instance",
    withSpec({ access: reads("orders-db.orders-db-readonly") }),
    [
      {
        field: readField,
        problem:
          'is "orders-db.orders-db-readonly", a name as the passwords of the instance\'s roles have: use for example "orders-db-connection"',
      },
    ],
  ],
  [
    "refuses the credentials that the claim brings",
    withSpec({ credentialsSecretName: "mine", access: reads("mine") }),
    [
      {
        field: readField,
        problem:
          'is "mine", which spec.credentialsSecretName names too: a Secret cannot be read and written; use for example "orders-db-connection"',
      },
    ],
  ],
  [
    "takes a database's name of 53 characters",
    withSpec({ databaseName: "a".repeat(53), access: reads("a") }),
    [],
  ],
  [
    "refuses a longer one: no role could be named for it",
    withSpec({ databaseName: "a".repeat(54), access: reads("a") }),
    [
      {
        field: "spec.access",
        problem: `makes roles named for the database "${"a".repeat(54)}", which must for that have at most 53 characters, begin with a letter, and end with a letter or digit: leave it out, or make a claim with another spec.databaseName`,
      },
    ],
  ],
  ["takes a longer one without logins", withSpec({ databaseName: "a".repeat(54) }), []],
  [
    "refuses a login with the owner's name",
    withSpec({ databaseOwner: "orders_db_readonly", access: reads("a") }),
    [
      {
        field: "spec.access.readOnly",
        problem:
          'makes role "orders_db_readonly", which is the owner\'s: make a claim with another spec.databaseOwner',
      },
    ],
  ],
])("an instance: %s", (_title, claim, faults) => {
  expect(ofInstance(claim)).toEqual(faults);
});

const host: Claim = deepFreeze({
  apiVersion: "database.bizmatters.io/v1alpha1",
  kind: "PostgresInstance",
  metadata: { name: "home", namespace: "platform", uid: "instance-uid" },
  spec: { share: {}, databaseOwner: "orders_readonly" },
});

function database(spec: Partial<DatabaseSpec>): DatabaseClaim {
  return deepFreeze({
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresDatabase",
    metadata: { name: "orders", namespace: "team-a", uid: "u" },
    spec: { instanceRef: { name: "home", namespace: "platform" }, ...spec },
  });
}

test("a database's login may not bear the name of the instance's own role: the operator would give it another password", () => {
  const { violations: faults } = judgeDatabase(database({ access: reads("a") }), undefined, {
    instance: host,
    chosen: builtInClass,
  });
  expect(faults).toEqual([
    {
      field: "spec.access.readOnly",
      problem:
        'makes "orders_readonly", the own database or owner of PostgresInstance platform/home: set spec.databaseName and spec.owner to other names',
    },
  ]);
});

test("Zalando's operator has no such logins", () => {
  const asked = withFields({ writeConnectionSecretToRef: undefined });
  const claim = { ...asked, spec: { teamId: "shop", access: reads("a") } };
  expect(unsupported(claim, builtInClass).map(({ field }) => field)).toEqual(["spec.access"]);
});

describe("the Secret of a login is nobody else's", () => {
  const other = { ...named("audit-db"), writeConnectionSecretToRef: { name: "audit-postgres" } };
  const asking = withSpec({ access: reads("audit-postgres") });

  test.each<readonly [string, Claim, Claim, readonly Violation[]]>([
    [
      "not another claim's connection secret",
      asking,
      other,
      [
        {
          field: readField,
          problem:
            "asks for Secret team-a/audit-postgres, which claim team-a/audit-db already writes: use another name",
        },
      ],
    ],
    [
      "and a connection secret not another's login",
      other,
      asking,
      [
        {
          field: "writeConnectionSecretToRef",
          problem:
            "asks for Secret team-a/audit-postgres, which claim team-a/orders-db already writes: use another name",
        },
      ],
    ],
    [
      "nor what an operator makes for another",
      withSpec({ access: reads("audit-db-app") }),
      other,
      [
        {
          field: readField,
          problem:
            "asks for Secret team-a/audit-db-app, which the operator makes for claim team-a/audit-db: use another name",
        },
      ],
    ],
  ])("%s", (_title, claim, rival, faults) => {
    expect(conflictViolations(claim, [rival])).toEqual(faults);
    const [own, theirs] = [claim, rival].map(rivalWords);
    expect(own?.some(word => theirs?.includes(word))).toBe(true);
  });

  test("one of another namespace is none of its business", () => {
    const elsewhere = { ...other, metadata: { ...other.metadata, namespace: "team-b" } };
    expect(conflictViolations(goodClaim, [elsewhere])).toEqual([]);
  });
});
