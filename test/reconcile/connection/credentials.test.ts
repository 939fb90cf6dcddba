/** Credentials that the claim brings: judged before anything is made of them, followed afterwards, and never written to. */
import { claimLabels } from "../../../capabilities/claim/labels";
import * as fc from "fast-check";
import { builtInClass } from "../../../capabilities/claim/class";
import { operators } from "../../../capabilities/operator/operators";
import type { Claim, ClaimSpec } from "../../../capabilities/claim/claim";
import { type Secret, secretResource } from "../../../capabilities/kubernetes/objects";
import { judgeCredentials } from "../../../capabilities/reconcile/connection/credentials";
import { passwordBytes } from "../../arbitrary/credentials";
import { deepFreeze } from "../../arbitrary/frozen";
import { goodClaim, withSpec } from "../../good-claim";
import { without } from "../../without";
import { admitted, bench, clusterRef, events, ready, type Bench } from "../bench";

const given = { name: "given", namespace: "team-a" };
const cluster = "Cluster team-a/orders-db";
const claim = "PostgresInstance team-a/orders-db";
const connection = "Secret team-a/orders-postgres";

function base64(text: string): string {
  return Buffer.from(text).toString("base64");
}

function secret(username = "app", password = "s3cret"): Secret {
  return deepFreeze({
    apiVersion: "v1",
    kind: "Secret",
    metadata: { ...given, labels: { "cnpg.io/reload": "true" } },
    type: "kubernetes.io/basic-auth",
    data: { username: base64(username), password: base64(password) },
  });
}

function marked(fields: Partial<Secret["metadata"]>): Secret {
  return deepFreeze({ ...secret(), metadata: { ...given, ...fields } });
}

function bringing(spec: ClaimSpec = {}): Claim {
  return withSpec({ credentialsSecretName: "given", ...spec });
}

describe("are judged:", () => {
  const what = "Secret team-a/given (spec.credentialsSecretName)";
  const noName = `${what} has a username that is no name for a role: at most 63 characters, which match ^[a-z_][a-z0-9_]*$`;
  const reserved = `${what} has a username that PostgreSQL or CloudNativePG keeps for itself: use another`;
  const invalid = (message: string): readonly [string, string] => ["CredentialsInvalid", message];
  const mismatch = (message: string): readonly [string, string] => ["OwnerMismatch", message];
  const isNot = (owner: string, why: string): readonly [string, string] =>
    mismatch(
      `username in ${what} is not "${owner}", ${why}: it must be exactly that, without a line break at its end`,
    );
  const asked = "the owner that the claim asks for";
  const madeByOperator = {
    ownerReferences: [
      { apiVersion: "postgresql.cnpg.io/v1", kind: "Cluster", name: "shop", uid: "x" },
    ],
  };

  test.each<readonly [string, Claim, Secret | undefined, string | undefined, readonly string[]]>([
    [
      "whose username is that of the claim",
      bringing({ databaseOwner: "app" }),
      secret(),
      undefined,
      [],
    ],
    ["whose username the claim leaves open", bringing(), secret(), undefined, []],
    ["whose username is that of the database", bringing(), secret(), "app", []],
    [
      "that are not there",
      bringing(),
      undefined,
      undefined,
      [
        "CredentialsNotFound",
        `waiting for ${what}: create it, or see what keeps its ExternalSecret from doing so; the claim goes on by itself once it is there`,
      ],
    ],
    [
      "of another type",
      bringing(),
      { ...secret(), type: "Opaque" },
      undefined,
      invalid(
        `${what} is of type "Opaque", but must be of type kubernetes.io/basic-auth: a Secret cannot change its type, so remove it and make it anew (an ExternalSecret sets spec.target.template.type)`,
      ),
    ],
    [
      "of a service account",
      bringing(),
      { ...secret(), type: "kubernetes.io/service-account-token" },
      undefined,
      invalid(
        `${what} is of type "kubernetes.io/service-account-token", but must be of type kubernetes.io/basic-auth: a Secret cannot change its type, so remove it and make it anew (an ExternalSecret sets spec.target.template.type)`,
      ),
    ],
    [
      "without a password",
      bringing(),
      secret("app", ""),
      undefined,
      invalid(`${what} has no value in password: fill in username and password`),
    ],
    [
      "without anything",
      bringing(),
      without(secret(), "data"),
      undefined,
      invalid(`${what} has no value in username and password: fill in username and password`),
    ],
    [
      "that an operator has made",
      bringing(),
      marked(madeByOperator),
      undefined,
      invalid(`${what} is made by CloudNativePG for Cluster shop: name one of your own`),
    ],
    [
      "that are a connection secret",
      bringing(),
      marked({ labels: claimLabels(goodClaim) }),
      undefined,
      invalid(`${what} is the connection secret of a claim: name one of your own`),
    ],
    [
      "for another user",
      bringing({ databaseOwner: "web" }),
      secret(),
      undefined,
      isNot("web", asked),
    ],
    [
      "whose username ends with a line break",
      bringing({ databaseOwner: "app" }),
      secret("app\n"),
      undefined,
      isNot("app", asked),
    ],
    [
      "for another user than the database",
      bringing(),
      secret(),
      "web",
      isNot("web", "the role of the database"),
    ],
    [
      "for an owner that was written out later and is another",
      bringing({ databaseOwner: "app" }),
      secret(),
      "web",
      mismatch(
        'spec.databaseOwner is "app", but the database was made for "web", which cannot change: write "web"',
      ),
    ],
    ["for a user that is no name", bringing(), secret("Not A Name"), undefined, invalid(noName)],
    ["for a user of 64 characters", bringing(), secret("a".repeat(64)), undefined, invalid(noName)],
    ...["postgres", "streaming_replica", "pg_monitor", "public"].map(
      name => [`for ${name}`, bringing(), secret(name), undefined, invalid(reserved)] as const,
    ),
  ])("%s", (...row) => {
    const [, asks, found, madeFor, expected] = row;
    const judged = judgeCredentials(
      { claim: asks, chosen: builtInClass, operator: operators.cnpg },
      found,
      madeFor,
    );
    const { reason, message } = "verdict" in judged ? judged.verdict : {};
    expect([reason, message].filter(word => word !== undefined)).toEqual(expected);
    if ("owner" in judged) expect(judged.owner).toBe("app");
  });

  test("and of their values nothing is told, whoever they are for", () => {
    const names = fc.constantFrom("hunter2-user", "Hunter2 User", "pg_hunter2", "hunter2\n");
    const owners = fc.constantFrom(undefined, "orders");
    fc.assert(
      fc.property(names, owners, owners, (username, databaseOwner, madeFor) => {
        const asks = bringing(databaseOwner === undefined ? {} : { databaseOwner });
        const found = secret(username, "hunter2-password");
        const judged = judgeCredentials(
          { claim: asks, chosen: builtInClass, operator: operators.cnpg },
          found,
          madeFor,
        );
        expect(JSON.stringify("verdict" in judged ? judged.verdict : "")).not.toMatch(/hunter2/i);
      }),
    );
  });
});

function asking(spec: ClaimSpec = {}): Claim {
  return { ...admitted, spec: { ...admitted.spec, credentialsSecretName: "given", ...spec } };
}

function give(made: Bench, found: Secret = secret()): void {
  made.server.create(found);
}

function change(made: Bench, to: (found: Secret) => Secret): void {
  const found = made.secret(given);
  if (!found) throw new Error("there are credentials");
  made.server.edit(found, to);
}

function take(made: Bench): void {
  const found = made.secret(given);
  if (found) made.server.remove(found);
}

async function readyBench(spec?: ClaimSpec, found?: Secret): Promise<Bench> {
  const made = bench(asking(spec));
  give(made, found);
  await made.run();
  made.operator.reach(clusterRef, "healthy");
  await made.run();
  expect(made.said()).toEqual(ready);
  return made;
}

function initdb(made: Bench): unknown {
  return Reflect.get(made.cluster() ?? {}, "spec");
}

describe("that are there and good", () => {
  test("become the Cluster's secret, and its username the owner", async () => {
    const made = await readyBench();
    const expected = { database: "orders_db", owner: "app", secret: { name: "given" } };
    expect(initdb(made)).toMatchObject({ bootstrap: { initdb: expected } });
    expect(made.values()).toMatchObject({
      ...{ username: "app", password: "s3cret", database: "orders_db", port: "5432" },
      uri: "postgresql://app:s3cret@orders-db-rw.team-a.svc.cluster.local:5432/orders_db",
    });
  });

  test("leave database and owner as they are given", async () => {
    const made = await readyBench({ databaseName: "shop", databaseOwner: "app" });
    const expected = { database: "shop", owner: "app", secret: { name: "given" } };
    expect(initdb(made)).toMatchObject({ bootstrap: { initdb: expected } });
  });

  test("cost the writes of any claim, and none when nothing changes", async () => {
    const made = bench(asking());
    give(made);
    const first = await made.run();
    made.operator.reach(clusterRef, "healthy");
    const second = await made.run();
    const all = [...first.writes, ...second.writes].filter(write => !write.startsWith("event"));
    expect(all).toEqual([`create ${cluster}`, `create ${connection}`, `status ${claim}`]);
    expect((await made.run()).writes).toEqual([]);
  });

  test("are what a workload finds in the connection secret; alone they bind nothing", async () => {
    const made = bench(without(asking(), "writeConnectionSecretToRef"));
    give(made);
    await made.run();
    made.operator.reach(clusterRef, "healthy");
    await made.run();
    expect(made.said()).toEqual(["Ready", "Available", "DatabaseHealthy", "SecretNotRequested"]);
    expect(made.status()).not.toHaveProperty("binding");
  });
});

describe("that cannot be used", () => {
  test.each<readonly [string, ClaimSpec, Secret | undefined, string, string]>([
    ["are not there", {}, undefined, "Pending", "CredentialsNotFound"],
    ["are invalid", {}, { ...secret(), type: "Opaque" }, "Failed", "CredentialsInvalid"],
    ["are for another user", { databaseOwner: "web" }, secret(), "Failed", "OwnerMismatch"],
  ])(
    "because they %s, keep the database from being made, within seconds of being mended",
    async (...row) => {
      const [, spec, found, phase, reason] = row;
      const made = bench(asking(spec));
      if (found) give(made, found);
      const { again } = await made.run();
      expect([made.cluster(), made.said()]).toEqual([undefined, [phase, reason, reason, reason]]);
      expect(again).toBeLessThanOrEqual(5000);
      expect(events(made.kube)).toEqual([expect.objectContaining({ type: "Warning", reason })]);
      expect((await made.run()).writes).toEqual([]);

      take(made);
      give(made, secret(spec.databaseOwner));
      await made.run();
      made.operator.reach(clusterRef, "healthy");
      await made.run();
      expect(made.said()).toEqual(ready);
    },
  );

  test.each<readonly [string, (made: Bench) => void, string]>([
    ["go", take, "CredentialsNotFound"],
    [
      "lose their password",
      made => {
        change(made, found => ({ ...found, data: { username: base64("app"), password: "" } }));
      },
      "CredentialsInvalid",
    ],
    [
      "get another username",
      made => {
        change(made, found => ({ ...found, data: { ...found.data, username: base64("web") } }));
      },
      "OwnerMismatch",
    ],
  ])("because they %s, leave what is there as it is", async (_title, spoil, reason) => {
    const made = await readyBench();
    const before = [made.cluster(), made.secret()].map(object => JSON.stringify(object));
    spoil(made);
    made.editClaim(live => ({ ...live, spec: { ...live.spec, instances: 3 } }));
    const { writes } = await made.run();
    expect(writes).toEqual([`status ${claim}`, `event ${claim}`]);
    expect(made.said().slice(1)).toEqual([reason, "Provisioning", reason]);
    expect([made.cluster(), made.secret()].map(object => JSON.stringify(object))).toEqual(before);
    expect(made.status().connectionSecretRef).toMatchObject({ name: "orders-postgres" });

    take(made);
    give(made, secret("app", "another"));
    await made.run();
    made.operator.reach(clusterRef, "healthy");
    await made.run();
    expect(made.said()).toEqual(ready);
    expect(made.values().password).toBe("another");
    expect(initdb(made)).toMatchObject({ instances: 3 });
  });

  test("say nothing of a Cluster that is someone else's", async () => {
    const made = bench(asking());
    const { apiVersion, kind } = { apiVersion: "postgresql.cnpg.io/v1", kind: "Cluster" };
    made.server.create({ apiVersion, kind, metadata: clusterRef });
    await made.run();
    expect(made.said().slice(2)).toEqual(["NotOwned", "CredentialsNotFound"]);
  });
});

describe("that change", () => {
  test("reach the connection secret, and the Cluster stays as it is", async () => {
    const made = await readyBench();
    change(made, found => ({ ...found, data: { ...found.data, password: base64("p@ss/ wörd") } }));
    expect((await made.run()).writes).toEqual([`apply ${connection}`]);
    expect(made.values().password).toBe("p@ss/ wörd");
    expect(made.said()).toEqual(ready);
  });

  test("are followed to another Secret that the claim names", async () => {
    const made = await readyBench();
    const other = secret("app", "from another");
    give(made, { ...other, metadata: { ...other.metadata, name: "another" } });
    made.editClaim(live => ({ ...live, spec: { ...live.spec, credentialsSecretName: "another" } }));
    expect((await made.run()).writes.slice(0, 2)).toEqual([
      `apply ${cluster}`,
      `apply ${connection}`,
    ]);
    expect(made.values().password).toBe("from another");
    expect(initdb(made)).toMatchObject({ bootstrap: { initdb: { secret: { name: "another" } } } });
  });

  test("but lack the label by which CNPG follows them, are told how to get it", async () => {
    const made = await readyBench({}, marked({ labels: {} }));
    const hint =
      'a password changed in Secret team-a/given will not be followed: label it cnpg.io/reload: "true" (an ExternalSecret does so in spec.target.template.metadata.labels)';
    const messages = made.status().conditions?.map(({ message }) => message) ?? [];
    expect(messages.filter(message => message.endsWith(hint))).toHaveLength(2);
    change(made, found => ({
      ...found,
      metadata: { ...found.metadata, labels: { "cnpg.io/reload": "true" } },
    }));
    await made.run();
    expect(JSON.stringify(made.status())).not.toContain("reload");
  });
});

test("are never written to, and their values are forgotten once they are mirrored", async () => {
  const made = bench(asking(), "stored");
  give(made);
  const before = JSON.stringify(made.secret(given));
  for (const step of [() => undefined, made.operator.finish, () => undefined]) {
    step();
    made.deliver();
    await made.run();
  }
  expect(made.said()).toEqual(ready);
  expect(JSON.stringify(made.secret(given))).toBe(before);
  expect(made.kube.store.find(secretResource, given)).not.toHaveProperty("data");

  // A settled claim costs no request: one would fail.
  made.kube.failAt({ at: 0, isDone: false });
  expect((await made.run()).writes).toEqual([]);
  expect(made.kube.isFailing()).toBe(true);
});

describe("whose values are not held any more", () => {
  test("make a database that was deleted anew, at once", async () => {
    const made = bench(asking(), "stored");
    give(made);
    for (const step of [() => undefined, made.operator.finish, () => undefined]) {
      step();
      made.deliver();
      await made.run();
    }
    expect(made.kube.store.find(secretResource, given)).not.toHaveProperty("data");
    const gone = made.cluster();
    if (gone) made.server.remove(gone);
    made.deliver();
    expect((await made.run()).writes).toContain(`create ${cluster}`);
    expect(JSON.stringify(made.status())).not.toContain("CredentialsInvalid");
  });

  test("stay good while a Cluster of someone else's is in the way: nobody is told otherwise in turn", async () => {
    const asked = without(asking(), "writeConnectionSecretToRef");
    const made = bench({ ...asked, spec: {} }, "stored");
    give(made);
    made.server.create({
      apiVersion: "postgresql.cnpg.io/v1",
      kind: "Cluster",
      metadata: clusterRef,
    });
    // The watch brings the Secret before the claim that names it: its values are not held.
    made.deliver();
    made.editClaim(live => ({ ...live, spec: asked.spec }));
    made.deliver();
    expect(made.kube.store.find(secretResource, given)).not.toHaveProperty("data");
    await made.run();
    expect(made.said().slice(2)).toEqual(["NotOwned", "SecretNotRequested"]);
    for (let later = 0; later < 3; later++) {
      made.deliver();
      expect((await made.run()).writes).toEqual([]);
    }
  });
});

test("give right connection secrets, whatever bytes the password has", async () => {
  await fc.assert(
    fc.asyncProperty(passwordBytes, async bytes => {
      const data = { username: base64("app"), password: bytes.toString("base64") };
      const made = await readyBench({}, { ...secret(), data });
      expect(made.secret()?.data?.["password"]).toBe(bytes.toString("base64"));
    }),
    { numRuns: 30 },
  );
});
