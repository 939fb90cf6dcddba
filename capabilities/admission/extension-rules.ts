/** Which extensions a claim of any kind may ask for. */
import type { Extension } from "../claim/claim";
import type { Class } from "../claim/class";
import { quote } from "../claim/schema";
import type { Violation } from "../claim/violation";

/** What a claim asks for, and the class that decides; undefined where it is not there. */
type Asked = { readonly extensions: readonly Extension[]; readonly chosen: Class | undefined };

export function extensionViolations(asked: Asked): readonly Violation[] {
  return [...extensionsAreAllowed(asked), ...extensionsDiffer(asked)];
}

/** To drop one needs the same: what the platform team has installed is not a claim's to drop. */
function extensionsAreAllowed({ extensions, chosen }: Asked): readonly Violation[] {
  if (!chosen) return [];
  const { name: className, allowedExtensions: allowed } = chosen;
  const offered = allowed.length === 0 ? "none" : allowed.join(", ");
  return extensions.flatMap(({ name }, index) =>
    allowed.includes(name)
      ? []
      : [
          {
            field: `spec.extensions[${index}].name`,
            problem: `is ${quote(name)}, but class ${className} allows ${offered}; ask the platform team for others`,
          },
        ],
  );
}

function extensionsDiffer({ extensions }: Asked): readonly Violation[] {
  const names = extensions.map(({ name }) => name);
  return names.flatMap((name, index) =>
    names.indexOf(name) === index
      ? []
      : [
          {
            field: `spec.extensions[${index}].name`,
            problem: `is ${quote(name)} for the second time: keep one of them`,
          },
        ],
  );
}
