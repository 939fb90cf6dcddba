/** Other builds of the module than that of the checkout. */
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { buildModule } from "../../../local/module";
import { temporaryFolder } from "../../../local/processes";

const checkout = join(__dirname, "..", "..", "..");
const sources = ["pepr.ts", "package.json", "package-lock.json", "tsconfig.json", "capabilities"];

/** What is changed in a source, as a version before or after this one might have it. */
export type Change = { readonly file: string; readonly from: string; readonly to: string };

/** Builds the same sources again, with a certificate and a path of its own, in a folder that the caller removes. */
export async function buildCopy(...changes: readonly Change[]): Promise<string> {
  const folder = temporaryFolder("another-build");
  for (const file of sources) {
    cpSync(join(checkout, file), join(folder, file), { recursive: true });
  }
  for (const change of changes) make(change, folder);
  symlinkSync(join(checkout, "node_modules"), join(folder, "node_modules"));
  await buildModule(() => undefined, folder);
  return folder;
}

function make({ file, from, to }: Change, folder: string): void {
  const path = join(folder, file);
  const text = readFileSync(path, "utf8");
  if (!text.includes(from)) throw new Error(`${file} has no ${from}`);
  writeFileSync(path, text.replace(from, to));
}
