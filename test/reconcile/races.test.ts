/** Where an answer or a status comes too late: nothing that was written is lost sight of. */
import type { Claim } from "../../capabilities/claim/claim";
import type { Ref, Secret } from "../../capabilities/kubernetes/objects";
import { claimResource } from "../../capabilities/claim/names";
import { admitted, bench, clusterRef, password, wanted, type Bench } from "./bench";

const elsewhere: Ref = { name: "orders-postgres", namespace: "team-b" };

function asking(ref: Ref | undefined): (claim: Claim) => Claim {
  return ({ writeConnectionSecretToRef, ...claim }) => {
    void writeConnectionSecretToRef;
    return { ...claim, ...(ref ? { writeConnectionSecretToRef: ref } : {}) };
  };
}

/** The secret is written in another namespace, and the process dies before it has said so. */
async function writtenUnsaid(): Promise<Bench> {
  const made = bench({ ...admitted, writeConnectionSecretToRef: elsewhere });
  await made.run();
  made.operator.giveCredentials(clusterRef, password);
  made.operator.reach(clusterRef, "healthy");
  made.kube.failAt({ at: "status PostgresInstance team-a/orders-db", isDone: false });
  await expect(made.run()).rejects.toThrow("status");
  expect(made.secret(elsewhere)).toBeDefined();
  expect(made.status().connectionSecretRef).toBeUndefined();
  return made;
}

describe("a secret that was written, but not said to be", () => {
  test("goes when another place is wanted", async () => {
    const made = await writtenUnsaid();
    made.editClaim(asking(wanted));
    await made.run();
    expect([made.secret(elsewhere), made.secret(wanted)?.metadata.name]).toEqual([
      undefined,
      wanted.name,
    ]);
  });

  test("goes when none is wanted", async () => {
    const made = await writtenUnsaid();
    made.editClaim(asking(undefined));
    await made.run();
    expect(made.secret(elsewhere)).toBeUndefined();
  });

  test("goes with the claim, wherever that wants it by then", async () => {
    const made = await writtenUnsaid();
    made.editClaim(asking(wanted));
    made.server.remove(made.claim());
    await made.run();
    expect([made.secret(elsewhere), made.server.find(claimResource, clusterRef)]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test("a copy of it elsewhere stays", async () => {
    const made = await writtenUnsaid();
    const { name } = elsewhere;
    const original = made.secret(elsewhere) as Secret;
    const copied = { name: `${name}-copy`, namespace: "team-b" };
    made.server.create({ ...original, metadata: { ...original.metadata, ...copied } });
    made.editClaim(asking(wanted));
    await made.run();
    expect([made.secret(elsewhere), made.secret(copied)?.metadata.name]).toEqual([
      undefined,
      copied.name,
    ]);
  });
});
