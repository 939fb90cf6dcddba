// Bundles the command line, and whatever else is published, into files that need nothing but Node.
import { chmod } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";

const project = fileURLToPath(new URL("..", import.meta.url));

/**
 * What is bundled with us: the licenses ask to be named (https://github.com/eemeli/yaml/blob/main/LICENSE,
 * https://github.com/Hexagon/croner/blob/master/LICENSE).
 */
const notice =
  "/* Contains yaml, Copyright Eemeli Aro, ISC license, and croner, Copyright Hexagon, MIT license. */";

/** Writes the program, which can be run as it is. */
export async function buildCommandLine(outfile) {
  await bundle("cli/main.ts", outfile, { minifySyntax: true, minifyWhitespace: true });
  await chmod(outfile, 0o755);
}

/** One file of a part of the project and all that it imports; `settings` are esbuild's. */
export async function bundle(part, outfile, settings) {
  await build({
    entryPoints: [join(project, part)],
    outfile,
    bundle: true,
    platform: "node",
    target: "node20",
    format: "cjs",
    ...settings,
    charset: "utf8",
    footer: { js: notice },
    logLevel: "warning",
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildCommandLine(process.argv[2] ?? join(project, "dist/zero-touch-postgres.cjs"));
}
