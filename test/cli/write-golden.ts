/** `npm run golden`: writes the golden files and shows what has changed, for a person to judge. */
import { spawnSync } from "node:child_process";
import { writeGolden } from "./golden";

void writeGolden().then(() => {
  const paths = ["kratix/", "test/cli/golden/"];
  spawnSync("git", ["--no-pager", "diff", "--", ...paths], { stdio: "inherit" });
  spawnSync("git", ["status", "--short", "--", ...paths], { stdio: "inherit" });
});
