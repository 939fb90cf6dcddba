/** Objects as YAML that every reader of Kubernetes takes the same way: the same object gives the same bytes. */
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Document, visit } from "yaml";
import type { KubeObject } from "../capabilities/claim/kubernetes";
import { messageOf } from "./fault";
import { CommandFailure, exitCodes } from "./command";
import { makeFolder } from "./folder";

/** A text that kubectl's reader takes for a number, and the YAML 1.1 of this writer does not. */
const octal = /^[-+]?0[ob]/;

/** One document, ending with a new line. */
export function manifestOf(object: unknown): string {
  const document = new Document(object, { version: "1.1", aliasDuplicateObjects: false });
  visit(document, {
    Scalar: (_key, node) => {
      if (typeof node.value === "string" && octal.test(node.value)) {
        node.type = "QUOTE_DOUBLE";
      }
    },
  });
  // Long texts stay on one line.
  return document.toString({ lineWidth: 0 });
}

/** Many documents in one stream. */
export function manifestsOf(objects: readonly unknown[]): string {
  return objects.map(manifestOf).join("---\n");
}

/**
 * A file per object, `NAMESPACE/KIND-NAME.yaml`, each put in its place whole: who reads the folder meanwhile finds the old
 * file or the new one. Other files in the folder stay.
 */
export async function writeManifests(
  folder: string,
  objects: readonly KubeObject[],
): Promise<void> {
  for (const object of objects) {
    const { kind, metadata } = object;
    const home = join(folder, metadata.namespace ?? "");
    const file = join(home, `${kind.toLowerCase()}-${metadata.name}.yaml`);
    try {
      await makeFolder(home);
      await writeFile(`${file}.part`, manifestOf(object));
      await rename(`${file}.part`, file);
    } catch (fault) {
      throw new CommandFailure(exitCodes.unavailable, `cannot write ${file}: ${messageOf(fault)}`, {
        cause: fault,
      });
    }
  }
}
