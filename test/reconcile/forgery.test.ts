/** What others may write, the status of a claim or a Secret with our labels, does not make the module touch what is not its own. */
import { claimLabels } from "../../capabilities/claim/labels";
import type { Claim } from "../../capabilities/claim/claim";
import type { Ref, Secret } from "../../capabilities/kubernetes/objects";
import { annotations } from "../../capabilities/claim/names";
import { admitted, bench, wanted, type Bench } from "./bench";

const victim: Ref = { name: "payroll", namespace: "team-b" };

function foreign(made: Bench, metadata: Secret["metadata"]): Secret {
  made.server.create({ apiVersion: "v1", kind: "Secret", metadata });
  return made.secret(metadata as Ref) as Secret;
}

/** The status says that the module wrote this Secret. */
function forgeRecord(made: Bench, { metadata }: Secret): void {
  const { name, namespace = "", uid = "" } = metadata;
  made.editClaim(live => ({
    ...live,
    status: { ...live.status, connectionSecretRef: { name, namespace, uid } },
  }));
}

async function ready(asked?: Claim): Promise<Bench> {
  const made = bench(asked);
  await made.makeReady();
  return made;
}

test("a status that names a foreign Secret does not have it removed", async () => {
  const made = await ready();
  const theirs = foreign(made, victim);
  forgeRecord(made, theirs);
  await made.run();
  expect(made.secret(victim)).toEqual(theirs);
  expect(made.status().connectionSecretRef).toMatchObject(wanted);
});

test("nor when the claim wants no secret, or goes", async () => {
  const made = await ready();
  const theirs = foreign(made, victim);
  forgeRecord(made, theirs);
  made.editClaim(live => {
    const bare = { ...live };
    delete (bare as { writeConnectionSecretToRef?: unknown }).writeConnectionSecretToRef;
    return bare;
  });
  await made.run();
  forgeRecord(made, theirs);
  made.server.remove(made.claim());
  await made.run();
  expect(made.secret(victim)).toEqual(theirs);
});

test("a status that names the Secret in the way does not have it overwritten", async () => {
  const made = bench();
  const theirs = foreign(made, wanted);
  await made.makeReady();
  forgeRecord(made, theirs);
  await made.run();
  expect(made.secret(wanted)).toEqual(theirs);
  expect(made.status().conditions?.[0]?.reason).toBe("NotOwned");
});

test("a Secret with the labels of a claim and the proof of another place is not written to", async () => {
  const made = await ready();
  const place = { ...wanted, name: "prepared" };
  const [proof = ""] = [made.secret(wanted)?.metadata.annotations?.[annotations.proof]];
  const theirs = foreign(made, {
    ...place,
    labels: claimLabels(made.claim()),
    annotations: { [annotations.proof]: proof },
  });
  expect(proof).not.toBe("");
  made.editClaim(live => ({ ...live, writeConnectionSecretToRef: place }));
  await made.run();
  expect(made.secret(place)).toEqual(theirs);
  expect(made.status().conditions?.[0]?.reason).toBe("NotOwned");
  made.server.remove(made.claim());
  await made.run();
  expect(made.secret(place)).toEqual(theirs);
});

test("a proof that was taken off is put back", async () => {
  const made = await ready(admitted);
  const before = made.secret(wanted) as Secret;
  made.server.edit(before, live => ({
    ...live,
    metadata: { ...live.metadata, annotations: {} },
  }));
  await made.run();
  expect(made.secret(wanted)?.metadata.annotations).toEqual(before.metadata.annotations);
});
