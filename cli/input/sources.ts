/** Reads what the command line names: files, folders with all that is in them, standard input. */
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { group } from "../../capabilities/claim/names";
import { messageOf } from "../../sdk/fault";
import { CommandFailure, exitCodes, type Terminal } from "../command";
import { textOf } from "./text";

export type Source = { readonly file: string; readonly text: string };

const standardInput = "-";
const manifest = /\.(yaml|yml|json)$/;

/**
 * Texts by the name that messages call them, in the order of the command line and within a folder by name. A file of a folder
 * that does not name our group is passed over: GitOps repositories are full of others, templates among them.
 */
export async function sourcesOf(
  paths: readonly string[],
  terminal: Terminal,
): Promise<readonly Source[]> {
  const read = new Set<string>();
  const sources: Source[] = [];
  for (const path of paths) {
    if (path === standardInput) {
      sources.push({ file: "<stdin>", text: await terminal.input() });
      continue;
    }
    const isFolder = (await orFail(path, stat(path))).isDirectory();
    const files = isFolder ? await manifestsIn(path) : [path];
    for (const file of files) {
      const identity = await identityOf(file);
      if (read.has(identity)) continue;
      read.add(identity);
      const text = textOf(await orFail(file, readFile(file)));
      if (!isFolder || text.includes(group)) sources.push({ file, text });
    }
  }
  return sources;
}

/** Links to folders are not followed, nor are folders whose name begins with a dot: .git, and what a ConfigMap's volume holds twice. */
async function manifestsIn(folder: string): Promise<readonly string[]> {
  const entries = await orFail(folder, readdir(folder, { withFileTypes: true }));
  const sorted = entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  const found = sorted.map(async entry => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      return entry.name.startsWith(".") || entry.name === "node_modules" ? [] : manifestsIn(path);
    }
    return manifest.test(entry.name) && (await isFile(path)) ? [path] : [];
  });
  return (await Promise.all(found)).flat();
}

/** The same for a file and all links to it. */
async function identityOf(path: string): Promise<string> {
  const { dev, ino } = await orFail(path, stat(path, { bigint: true }));
  return `${dev}:${ino}`;
}

async function isFile(path: string): Promise<boolean> {
  return (await orFail(path, stat(path))).isFile();
}

async function orFail<T>(path: string, reading: Promise<T>): Promise<T> {
  try {
    return await reading;
  } catch (fault) {
    const why = messageOf(fault).replace(/, \w+ '.*'$/, "");
    throw new CommandFailure(exitCodes.unavailable, `cannot read ${path}: ${why}`, {
      cause: fault,
    });
  }
}
