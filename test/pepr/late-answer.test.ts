/** An answer that comes late must not undo what a watch has told meanwhile. */
import type { ApiResponse } from "../../capabilities/cluster/client";
import type { KubeObject } from "../../capabilities/kubernetes/objects";
import { claimResource } from "../../capabilities/claim/names";
import { createKube } from "../../capabilities/cluster/kube";
import { createMemory } from "../../capabilities/work/memory";

const ref = { name: "orders-db", namespace: "team-a" };

function claim(uid: string, resourceVersion: string): KubeObject {
  const metadata = { ...ref, uid, resourceVersion };
  return { apiVersion: "database.bizmatters.io/v1alpha1", kind: "PostgresInstance", metadata };
}

test("a claim made anew while the old one was asked for is not taken for gone", async () => {
  const seal = <T>(secret: T): T => secret;
  const memory = createMemory(seal);
  let answer = (response: ApiResponse): void => void response;
  const api = async (): Promise<ApiResponse> =>
    new Promise(resolve => {
      answer = resolve;
    });
  const kube = createKube(api, memory, { seal, proofOf: async () => Promise.resolve("") });
  memory.note(claimResource, claim("old", "1"));
  const asked = kube.readLive(claimResource, ref);
  memory.note(claimResource, claim("new", "3"));
  answer({ code: 404, body: {} });
  expect(await asked).toBeUndefined();
  expect(await kube.read(claimResource, ref)).toMatchObject({ metadata: { uid: "new" } });
});
