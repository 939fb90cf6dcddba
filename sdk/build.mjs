// Builds what programs import as zero-touch-postgres/sdk: one file that needs nothing but Node, and its types. Takes the folder.
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "../cli/build.mjs";

const project = fileURLToPath(new URL("..", import.meta.url));
const folder = process.argv[2] ?? join(project, "dist");

// Readable: Node prints the line of an error that nobody catches.
await bundle("sdk/index.ts", join(folder, "sdk.cjs"), {});

const words = ["tsc", "-p", join(project, "sdk/tsconfig.json"), "--outDir", join(folder, "types")];
const { status } = spawnSync("npx", words, { cwd: project, stdio: "inherit" });
if (status !== 0) throw new Error(`npx ${words.join(" ")} ended with ${String(status)}`);
