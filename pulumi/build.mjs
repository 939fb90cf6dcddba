// Builds what programs import as zero-touch-postgres/pulumi, its types, and the plugin by which programs in other languages use it. Takes the
// folder. Pulumi's own packages are the program's.
import { spawnSync } from "node:child_process";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundle } from "../cli/build.mjs";

const project = fileURLToPath(new URL("..", import.meta.url));
const folder = process.argv[2] ?? join(project, "dist");
const external = ["@pulumi/*"];

await bundle("pulumi/index.ts", join(folder, "pulumi.cjs"), { external });

const plugin = join(folder, "pulumi-plugin");
await mkdir(plugin, { recursive: true });
await bundle("pulumi/plugin.ts", join(plugin, "plugin.cjs"), { external });
await copyFile(join(project, "pulumi/PulumiPlugin.yaml"), join(plugin, "PulumiPlugin.yaml"));
const { name, version, license } = JSON.parse(
  await readFile(join(project, "package.json"), "utf8"),
);
await writeFile(
  join(plugin, "package.json"),
  `${JSON.stringify({ name, version, license, private: true, main: "plugin.cjs" }, undefined, 2)}\n`,
);

const words = [
  "tsc",
  "-p",
  join(project, "pulumi/tsconfig.json"),
  "--outDir",
  join(folder, "types"),
];
const { status } = spawnSync("npx", words, { cwd: project, stdio: "inherit" });
if (status !== 0) throw new Error(`npx ${words.join(" ")} ended with ${String(status)}`);
