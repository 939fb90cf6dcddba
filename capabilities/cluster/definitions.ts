/** Registers our CRDs before anything watches them, and again when they have changed: applying what is there changes nothing. */
import type { ApiClient } from "./client";
import { nameOf, objectOf } from "./paths";
import { definitions, type CustomResourceDefinition } from "../crd/crd";
import { fieldManager } from "../claim/names";
import { isRecord } from "../claim/schema";

/** The API server takes some 100 ms to serve a new CRD; a watch that begins too early would be back only after 5 s. */
const establishedCheck = 100;
const mostChecks = 100;

/** Gives when the API server serves both kinds. Throws what it says if it does not take them. */
export async function registerDefinitions(api: ApiClient): Promise<void> {
  await Promise.all(definitions.map(definition => register(api, definition)));
}

async function register(api: ApiClient, definition: CustomResourceDefinition): Promise<void> {
  for (let check = 0; check < mostChecks; check++) {
    const { code, body } = await api({
      method: "PATCH",
      path: `/apis/apiextensions.k8s.io/v1/customresourcedefinitions/${definition.metadata.name}?fieldManager=${fieldManager}&force=true`,
      contentType: "application/apply-patch+yaml",
      body: definition,
    });
    if (isEstablished(objectOf(body, code, `registering ${nameOf(definition)}`))) return;
    await new Promise(resolve => setTimeout(resolve, establishedCheck));
  }
  throw new Error(`${nameOf(definition)} was taken, but is not served`);
}

function isEstablished(object: unknown): boolean {
  const status = isRecord(object) && isRecord(object.status) ? object.status : {};
  const conditions = Array.isArray(status.conditions) ? status.conditions.filter(isRecord) : [];
  return conditions.some(({ type, status }) => type === "Established" && status === "True");
}
