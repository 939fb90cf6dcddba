/** What is kept of the Secrets that the watches bring. */
import { asWatcher, bindingsIn } from "./loading";

type Secret = { readonly metadata: object; readonly data?: Readonly<Record<string, string>> };

const password = Buffer.from("secret").toString("base64");

function secret(name: string, labels: Readonly<Record<string, string>>): Secret {
  const metadata = { name, namespace: "team-a", uid: name, resourceVersion: "1", labels };
  return { metadata, data: { password } };
}

/** Gives the Secret to the binding of a label, as Pepr does: what is remembered is the very object. */
async function bring(label: string, found: Secret): Promise<void> {
  const bindings = await bindingsIn(asWatcher);
  const binding = bindings.find(({ filters }) => label in filters.labels);
  if (!binding?.watchCallback) throw new Error(`nothing is bound to ${label}`);
  await binding.watchCallback(found as never, "ADDED" as never);
}

test("a connection secret that comes before its claim is kept sealed: else it would be written again", async () => {
  const found = secret("orders-postgres", {
    "database.bizmatters.io/claim-name": "orders-db",
    "database.bizmatters.io/claim-namespace": "team-a",
    "database.bizmatters.io/claim-uid": "1",
  });
  await bring("database.bizmatters.io/claim-uid", found);
  expect(found.data).toEqual({ password: expect.stringMatching(/^sealed:/) as string });
});

test("credentials of a database that no claim has made are not kept", async () => {
  const found = secret("legacy-app", { "cnpg.io/cluster": "legacy", "cnpg.io/reload": "true" });
  await bring("cnpg.io/reload", found);
  expect(found).not.toHaveProperty("data");
});
