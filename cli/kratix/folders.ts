/** The folders of a pipeline's pod. What is written appears whole or not at all, whenever the process is killed. */
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CommandFailure, exitCodes } from "../command";
import { messageOf } from "../../sdk/fault";
import { makeFolder } from "../folder";
import { textOf } from "../input/text";

export type Folders = {
  readonly input: string;
  readonly output: string;
  readonly metadata: string;
  /** PostgresClasses of the platform; need not be there. */
  readonly classes: string;
};

/** Text of a file by its path in a folder. */
export type Files = Readonly<Record<string, string>>;

/** Ours in /kratix/output, where Kratix puts the Promise's dependencies as well. */
const ours = "postgresql";
/** Being written, and being taken away. In the same folder, since only a file system's own renames are whole. */
const coming = `.${ours}.coming`;
const going = `.${ours}.going`;

/** Puts all files into the output at once, in place of those of an earlier run. */
export async function writeOutput({ output }: Folders, files: Files): Promise<void> {
  await orFail(`write ${output}`, async () => {
    await clearOutput(output);
    if (Object.keys(files).length === 0) return;
    await writeFiles(join(output, coming), files);
    await rename(join(output, coming), join(output, ours));
  });
}

/** What an earlier, perhaps killed, run has left. */
async function clearOutput(output: string): Promise<void> {
  await makeFolder(output);
  await rm(join(output, coming), { recursive: true, force: true });
  await rm(join(output, going), { recursive: true, force: true });
  // Removing takes many steps; what is visible goes in one.
  await rename(join(output, ours), join(output, going)).catch(ifThere);
  await rm(join(output, going), { recursive: true, force: true });
}

function ifThere(fault: NodeJS.ErrnoException): void {
  if (fault.code !== "ENOENT") throw fault;
}

async function writeFiles(folder: string, files: Files): Promise<void> {
  await makeFolder(folder);
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
}

/** Each file at once, in this order. */
export async function writeMetadata({ metadata }: Folders, files: Files): Promise<void> {
  await orFail(`write ${metadata}`, async () => {
    await makeFolder(metadata);
    for (const [name, text] of Object.entries(files)) {
      const part = join(metadata, `.${name}.coming`);
      await writeFile(part, text);
      await rename(part, join(metadata, name));
    }
  });
}

/** https://docs.kratix.io/main/reference/workflows: the request, or the Promise. */
export async function readInput({ input }: Folders): Promise<string> {
  const file = join(input, "object.yaml");
  return orFail(`read ${file}`, async () => textOf(await readFile(file)));
}

async function orFail<T>(doing: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (fault) {
    const message = `cannot ${doing}: ${messageOf(fault)}`;
    throw new CommandFailure(exitCodes.unavailable, message, { cause: fault });
  }
}
