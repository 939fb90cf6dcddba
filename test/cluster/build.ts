/** Before the first lifecycle test: what takes minutes on a new machine is built, so that no test's own time pays for it. */
import { controlPlaneBinaries } from "../../local/control-plane/binaries";
import { buildModule } from "../../local/module";

async function build(): Promise<void> {
  const report = (line: string): void => void process.stderr.write(`${line}\n`);
  await controlPlaneBinaries(report);
  await buildModule(report);
}

// Jest takes nothing but a default.
export { build as default };
