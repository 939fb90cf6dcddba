/** Whom a role lets into which database beside its owner, and the lines by which PostgreSQL is told. */
import { labels, annotations } from "../../../capabilities/claim/names";
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import { rolesWatched } from "../../../capabilities/operator/cnpg/watches";
import { sharedDatabases } from "../../../capabilities/operator/cnpg/shared-databases";
import { without } from "../../without";

function role(spec: object, marks: object = {}): KubeObject {
  return {
    apiVersion: "postgresql.cnpg.io/v1",
    kind: "DatabaseRole",
    metadata: {
      ...{ name: "home.orders-readonly", namespace: "platform" },
      labels: {
        [labels.claimKind]: "PostgresDatabase",
        [labels.claimName]: "orders",
        [labels.claimNamespace]: "team-a",
        [labels.accessIn]: "instance-uid",
      },
      annotations: { [annotations.accessTo]: "orders", ...marks },
    },
    ...{ spec: { cluster: { name: "home" }, name: "orders_readonly", ...spec } },
  };
}

test.each<readonly [string, KubeObject, boolean]>([
  ["that logs in is let in", role({ login: true }), true],
  ["that is closed is not", role({ login: false }), false],
  ["of no database is not", role({ login: true }, { [annotations.accessTo]: undefined }), false],
  [
    "of a database whose name says something else is not",
    role({ login: true }, { [annotations.accessTo]: 'all" "all' }),
    false,
  ],
  ["whose own name says something else is not", role({ login: true, name: 'a" all' }), false],
])("a role %s", (_title, object, isLetIn) => {
  const admitted = { database: "orders", role: "orders_readonly" };
  expect(sharedDatabases.admitted(object)).toEqual(isLetIn ? admitted : undefined);
});

test("a role that is let in concerns its claim, and the instance that has to let it in", () => {
  const concerned = rolesWatched.claimsOf(role({ login: true }), undefined);
  expect(concerned).toEqual([
    { kind: "PostgresDatabase", name: "orders", namespace: "team-a" },
    { kind: "PostgresInstance", name: "home", namespace: "platform" },
  ]);
});

test("a role that is let in no more concerns the instance once more", () => {
  const closed = role({ login: false });
  const marks = without(closed.metadata.labels ?? {}, labels.accessIn);
  const after = { ...closed, metadata: { ...closed.metadata, labels: marks } };
  const kinds = (before: KubeObject | undefined): readonly string[] =>
    rolesWatched.claimsOf(after, before).map(({ kind }) => kind);
  expect(kinds(closed)).toContain("PostgresInstance");
  expect(kinds(after)).not.toContain("PostgresInstance");
});
