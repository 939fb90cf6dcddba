/** Which class claims get that name none. */
import { completeClass, defaultClass, isMarkedDefault } from "../../capabilities/claim/class";
import { annotations } from "../../capabilities/claim/names";
import { notKnown, ok, warning, type Finding } from "./finding";
import { seenValue, whyUnknown, type Surveyed } from "./surveyed";

const subject = "PostgresClass";
const builtIn = "claims that name none get the built-in class";

export function classFindings({ classes }: Pick<Surveyed, "classes">): readonly Finding[] {
  const why = whyUnknown(classes);
  if (why !== undefined) return [notKnown(subject, why)];
  const all = seenValue(classes) ?? [];
  if (all.length === 0) return [ok(subject, `there is none: ${builtIn}`)];
  const chosen = defaultClass(all);
  const remedy = `kubectl annotate postgresclass NAME ${annotations.isDefaultClass}=true`;
  if (!chosen) return [warning(subject, `none is the default: ${builtIn}`, remedy)];
  const marked = all.filter(isMarkedDefault).map(({ metadata }) => metadata.name);
  const { name, backend, versions } = completeClass(chosen);
  if (marked.length === 1) {
    return [ok(subject, `${name} is the default (${backend}, PostgreSQL ${versions.default})`)];
  }
  const said = `${marked.join(", ")} are all the default: ${name} applies, as the newest`;
  return [warning(subject, said, `take ${annotations.isDefaultClass} off all but one`)];
}
