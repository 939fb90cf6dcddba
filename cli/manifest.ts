/** Objects as YAML that every reader of Kubernetes takes the same way: the same object gives the same bytes. */
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Document, visit } from "yaml";
import type { KubeObject } from "../capabilities/kubernetes/objects";
import { messageOf } from "../sdk/fault";
import { CommandFailure, exitCodes } from "./command";
import { makeFolder } from "./folder";
import { unprintable } from "./input/text";

/** A text that readers take for a number or for a merge of maps, and this writer does not. */
const misread = /^([-+]?0[ob]|<<$)/;

const mergeTag = "tag:yaml.org,2002:merge";
const everyUnprintable = new RegExp(unprintable, "gu");

/** One document, ending with a new line. */
export function manifestOf(object: unknown): string {
  const document = new Document(object, {
    version: "1.1",
    aliasDuplicateObjects: false,
    // With it yaml 2.9 writes a key << without the quotes that are asked for.
    customTags: tags => tags.filter(tag => typeof tag !== "object" || tag.tag !== mergeTag),
  });
  visit(document, {
    Scalar: (_key, node) => {
      const { value } = node;
      if (typeof value === "string" && (misread.test(value) || unprintable.test(value))) {
        node.type = "QUOTE_DOUBLE";
      }
    },
  });
  // Long texts stay on one line.
  return document.toString({ lineWidth: 0 }).replaceAll(everyUnprintable, escaped);
}

/** As within double quotes, where all of them are. */
function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
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
