/** The reasons of a claim as Markdown: those after which someone may want to do something. */
import { explanations, type Explanation } from "../../capabilities/reconcile/reasons";
import { table } from "./markdown";

export function reasonsTable(): string {
  const rows = Object.entries<Explanation>(explanations).flatMap(
    ([reason, { phase, meaning, remedy }]) =>
      remedy === undefined ? [] : [[`\`${reason}\``, phase, meaning, remedy]],
  );
  return table(["reason", "phase", "meaning", "what to do"], rows);
}
