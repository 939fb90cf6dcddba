/** Reads a Secret from a cluster: for `outputs --show-secrets`, and for programs that connect. */
import { keyOf, secretResource, type Ref } from "../../capabilities/kubernetes/objects";
import { isRecord } from "../../capabilities/kubernetes/record";
import { NotFoundError } from "../errors";
import type { Access } from "./access";
import { read } from "./requests";

/** The values of the Secret, in base64. Throws where it is not there, or may not be read. */
export async function secretData(
  access: Access,
  ref: Ref,
): Promise<Readonly<Record<string, string>>> {
  const [name, namespace] = [ref.name, ref.namespace].map(encodeURIComponent);
  const path = `/api/${secretResource.version}/namespaces/${namespace ?? ""}/secrets/${name ?? ""}`;
  const { code, body } = await read(access, path);
  if (code === 404 || !isRecord(body)) {
    throw new NotFoundError(`there is no Secret ${keyOf(ref)}`);
  }
  const entries = Object.entries(isRecord(body.data) ? body.data : {});
  return Object.fromEntries(
    entries.filter((entry): entry is [string, string] => typeof entry[1] === "string"),
  );
}
