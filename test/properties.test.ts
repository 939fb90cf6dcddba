/**
 * The correctness properties that are of values alone, under their numbers. Properties 2, 5 and 7 are about what an API server
 * does with what we write: test/cluster holds them on a real one.
 */
import * as fc from "fast-check";
import { connectionRef, type Claim } from "../capabilities/claim/claim";
import type { PostgresClass } from "../capabilities/claim/class";
import type { Secret } from "../capabilities/kubernetes/objects";
import { connectionSecret } from "../capabilities/reconcile/connection/connection-secret";
import { plan, type Plan } from "../capabilities/reconcile/plan";
import { claim as anyGoodClaim, claimAndClass, plainClaim } from "./arbitrary/claim";
import { postgresClass } from "./arbitrary/class";
import { passwordBytes } from "./arbitrary/credentials";

function planned(claim: Claim, classes: readonly PostgresClass[]): Plan {
  const found = plan(claim, classes);
  if (!("database" in found)) throw new Error(`a good claim is refused: ${JSON.stringify(found)}`);
  return found;
}

/** What the operator's Cluster is told of database and credentials. */
function initdbOf(
  claim: Claim,
  classes: readonly PostgresClass[],
): Readonly<Record<string, unknown>> {
  const { database } = planned(claim, classes);
  type Described = { spec: { bootstrap: { initdb: Readonly<Record<string, unknown>> } } };
  return (database as typeof database & Described).spec.bootstrap.initdb;
}

/** The secret -app as CNPG makes it for a claim's Cluster, with this password. */
function operatorSecret(claim: Claim, password: Buffer): Secret {
  const { database, owner } = initdbOf(claim, []);
  const text = (value: unknown): string => Buffer.from(String(value)).toString("base64");
  const data = {
    dbname: text(database),
    username: text(owner),
    password: password.toString("base64"),
  };
  const { name, namespace = "" } = claim.metadata;
  return { apiVersion: "v1", kind: "Secret", metadata: { name: `${name}-app`, namespace }, data };
}

/** The connection secret's values, as bytes. */
function valuesOf(claim: Claim, from: Secret): Readonly<Record<string, Buffer>> {
  const { operator: backend, chosen, claim: complete } = planned(claim, []);
  const credentials = backend.credentials.of(from);
  if (!credentials) throw new Error("the credentials are complete");
  const connection = { credentials, endpoint: backend.objects.endpoint(complete, chosen) };
  const ref = connectionRef(complete) ?? { name: "connection", namespace: "somewhere" };
  const { data } = connectionSecret(complete, ref, connection, backend.provider);
  const entries = Object.entries(data).map(([key, value]) => [key, Buffer.from(value, "base64")]);
  return Object.fromEntries(entries) as Record<string, Buffer>;
}

/** Bytes of what is escaped in a URI, whether or not they are text. */
function unescaped(text: string): Buffer {
  const bytes = text.replaceAll(/%([0-9A-Fa-f]{2})/g, (_all, hex: string) =>
    String.fromCharCode(parseInt(hex, 16)),
  );
  return Buffer.from(bytes, "latin1");
}

test("Property 1: no initdb.secret without external credentials", () => {
  fc.assert(
    fc.property(claimAndClass(postgresClass), ({ claim, found }) => {
      const { credentialsSecretName: name } = claim.spec;
      const secret = name === undefined ? {} : { secret: { name } };
      const { database, owner, ...rest } = initdbOf(claim, [found]);
      expect([typeof database, typeof owner, rest]).toEqual(["string", "string", secret]);
    }),
  );
});

test("Property 3: database and owner are the claim's name with every hyphen as underscore", () => {
  fc.assert(
    fc.property(plainClaim, passwordBytes, (claim, password) => {
      const expected = claim.metadata.name.split("-").join("_");
      expect(initdbOf(claim, [])).toEqual({ database: expected, owner: expected });
      const { database, username } = valuesOf(claim, operatorSecret(claim, password));
      expect([String(database), String(username)]).toEqual([expected, expected]);
    }),
  );
});

test("Property 4: endpoint is {N}-rw.{NS}.svc.cluster.local", () => {
  fc.assert(
    fc.property(anyGoodClaim, passwordBytes, (claim, password) => {
      const { name, namespace = "" } = claim.metadata;
      const expected = `${name}-rw.${namespace}.svc.cluster.local`;
      const { operator: backend, chosen } = planned(claim, []);
      expect(backend.objects.endpoint(claim, chosen)).toBe(expected);
      const { endpoint, host, port } = valuesOf(claim, operatorSecret(claim, password));
      expect([endpoint, host, port].map(String)).toEqual([expected, expected, "5432"]);
    }),
  );
});

test("Property 6: username, password and database equal those of the -app secret", () => {
  fc.assert(
    fc.property(anyGoodClaim, passwordBytes, (claim, bytes) => {
      const from = operatorSecret(claim, bytes);
      const values = valuesOf(claim, from);
      const { username, password, database } = values;
      const taken = [username, password, database].map(value => value?.toString("base64"));
      expect(taken).toEqual([from.data?.username, from.data?.password, from.data?.dbname]);
    }),
    { numRuns: 300 },
  );
});

test("Property 6: username, password and database equal those of the -app secret, in the URIs too", () => {
  fc.assert(
    fc.property(anyGoodClaim, passwordBytes, (claim, bytes) => {
      const { uri, "jdbc-uri": jdbc, ...rest } = valuesOf(claim, operatorSecret(claim, bytes));
      const address = [String(rest.host), String(rest.port), `/${String(rest.database)}`];

      const plain = new URL(String(uri));
      expect([plain.protocol, plain.search, plain.hash]).toEqual(["postgresql:", "", ""]);
      expect([plain.hostname, plain.port, plain.pathname]).toEqual(address);
      expect(plain.username).toBe(String(rest.username));
      expect(unescaped(plain.password).equals(bytes)).toBe(true);

      expect(String(jdbc)).toMatch(/^jdbc:postgresql:/);
      const java = new URL(String(jdbc).slice("jdbc:".length));
      expect([java.hostname, java.port, java.pathname]).toEqual(address);
      expect([...java.searchParams.keys()]).toEqual(["user", "password"]);
      expect(java.searchParams.get("user")).toBe(String(rest.username));
      const [, escaped = ""] = /&password=(.*)$/s.exec(java.search) ?? [];
      expect(unescaped(escaped).equals(bytes)).toBe(true);
    }),
    { numRuns: 300 },
  );
});
