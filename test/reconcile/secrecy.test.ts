import { secretResource } from "../../capabilities/kubernetes/objects";
import * as fc from "fast-check";
import { passwordBytes } from "../arbitrary/credentials";
import { admitted, bench, clusterRef, password, ready, wanted, type Bench } from "./bench";

// Takes a second or two; on a machine that is busy with other things, more.
jest.setTimeout(60_000);

/** Everything in which a password could show: as it is, in JSON, in base64, escaped in a URI. */
function formsOf(text: string): readonly string[] {
  return [text, Buffer.from(text).toString("base64"), encodeURIComponent(text)].flatMap(form => [
    form,
    JSON.stringify(form).slice(1, -1),
  ]);
}

function holds(value: unknown, text: string): boolean {
  const json = JSON.stringify(value);
  // In base64 a URI hides what it holds.
  const decoded = json.replaceAll(/"([A-Za-z0-9+/]{8,}={0,2})"/g, (_all, data: string) =>
    Buffer.from(data, "base64").toString(),
  );
  return formsOf(text).some(form => json.includes(form) || decoded.includes(form));
}

/** Brings a claim to Ready as the module does, with reads from memory, and changes the password once. */
async function live(made: Bench, passwords: readonly string[]): Promise<void> {
  const steps = passwords.map(text => () => {
    made.operator.giveCredentials(clusterRef, text);
  });
  made.deliver();
  await made.run();
  for (const step of [...steps, made.operator.finish]) {
    step();
    made.deliver();
    await made.run();
    await made.run();
  }
}

test.each(["team-a", "team-b"])(
  "a password is nowhere but in the operator's secret and the connection secret in %s",
  async namespace => {
    const target = { ...wanted, namespace };
    const made = bench({ ...admitted, writeConnectionSecretToRef: target }, "stored");
    await live(made, ["the-first-password", password]);
    expect(made.said()).toEqual(ready);
    expect(made.values(target).password).toBe(password);

    const holders = made.server.all().filter(object => holds(object, password));
    expect(holders.map(({ metadata }) => metadata.name).sort()).toEqual([
      ...["orders-db-app", "orders-postgres"],
    ]);
    const told = made.kube.writes.filter(({ sent }) => holds(sent, password));
    expect(told.map(({ verb, what }) => `${verb} ${what}`)).toEqual([
      `apply Secret ${namespace}/orders-postgres`,
    ]);
  },
);

test("what holds a password is found: else the test above would say nothing", () => {
  const uri = Buffer.from(`postgresql://a:${encodeURIComponent(password)}@b`).toString("base64");
  for (const value of [password, Buffer.from(password).toString("base64"), uri]) {
    expect(holds({ data: { value } }, password)).toBe(true);
  }
  expect(holds({ data: { value: "another" } }, password)).toBe(false);
});

test("the store keeps no password of a claim that is settled", async () => {
  const made = bench(admitted, "stored");
  await live(made, ["the-first-password", password]);
  made.deliver();
  for (const text of ["the-first-password", password]) {
    expect(holds(made.kube.store.all(secretResource), text)).toBe(false);
  }
});

test("no fault, refusal or event speaks of a password, whichever call fails", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat({ max: 30 }),
      fc.boolean(),
      passwordBytes.map(bytes => `secret-${bytes.toString("utf8")}-word`),
      async (at, isDone, text) => {
        const made = bench();
        const faults: string[] = [];
        made.kube.failAt({ at, isDone });
        for (let round = 0; round < 4; round++) {
          if (round === 1) made.operator.giveCredentials(clusterRef, text);
          if (round === 2) made.operator.finish();
          await made.run().catch((fault: unknown) => faults.push(String(fault)));
          if (round === 0 && !made.cluster()) await made.run();
        }
        made.kube.failAt(undefined);
        await made.run();
        const told = made.kube.writes.filter(({ verb }) => ["status", "event"].includes(verb));
        expect(holds([faults, told, made.status()], text)).toBe(false);
        expect(made.said()).toEqual(ready);
      },
    ),
    { numRuns: 50 },
  );
});
