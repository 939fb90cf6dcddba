/** What admission asks the API server for beside what it knows. */
import type { ApiClient } from "../../capabilities/cluster/client";
import { createAdmissionWorld } from "../../capabilities/webhook/world";
import type { Store } from "../../capabilities/work/store";

const store = {} as Store;

function answering(codes: Readonly<Record<string, number>>): ApiClient {
  return ({ path }) => {
    const plural = path.split("/").at(-1) ?? "";
    const code = codes[plural] ?? 200;
    const items = [{ metadata: { name: plural, namespace: "shop" }, spec: {} }];
    return Promise.resolve({ code, body: code === 200 ? { items } : { message: "not so" } });
  };
}

async function namesIn(codes: Readonly<Record<string, number>>): Promise<readonly string[]> {
  const found = await createAdmissionWorld(answering(codes), store).claimsIn("shop");
  return found.map(({ metadata }) => metadata.name);
}

test("the claims of a namespace are those of both kinds", async () => {
  expect(await namesIn({})).toEqual(["postgresinstances", "postgresdatabases"]);
});

test("of a kind that has been taken out of the cluster there are none: no namespace may hang on it", async () => {
  expect(await namesIn({ postgresdatabases: 404 })).toEqual(["postgresinstances"]);
});

test("what cannot be read is a fault", async () => {
  await expect(namesIn({ postgresinstances: 500 })).rejects.toThrow("not so");
});
