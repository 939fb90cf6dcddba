/**
 * CNPG's published schema, as a check of manifests. The package is made of ES modules alone, which jest does not load without
 * flags, and says that it wants Node 22; bundled by esbuild, as here, it runs on Node 20 too (tried with 20.20).
 */
import { runInThisContext } from "node:vm";
import { buildSync } from "esbuild";
import type { KubeObject } from "../../capabilities/kubernetes/objects";

type Model = new (manifest: object) => { readonly validate: () => void };
type Loaded = { Cluster?: Model };

const source = `export { Cluster } from "@kubernetes-models/cloudnative-pg/postgresql.cnpg.io/v1/Cluster"`;

function load(): Model {
  const bundle = buildSync({
    stdin: { contents: source, resolveDir: __dirname },
    bundle: true,
    format: "cjs",
    platform: "node",
    target: "node20",
    write: false,
  });
  const text = bundle.outputFiles[0]?.text ?? "";
  const run = runInThisContext(`(function (module, require) {${text}\n})`) as (
    module: object,
    require: NodeJS.Require,
  ) => void;
  const module: { exports: Loaded } = { exports: {} };
  run(module, require);
  if (!module.exports.Cluster) throw new Error("the package has no Cluster");
  return module.exports.Cluster;
}

let model: Model | undefined;

/** What CNPG's schema says against this Cluster; undefined if nothing. */
export function clusterFault(manifest: KubeObject): string | undefined {
  model ??= load();
  try {
    new model(manifest).validate();
    return undefined;
  } catch (fault) {
    return String(fault);
  }
}
