/** What a claim must not set of PostgreSQL, and why. */
import { durabilitySettings, settingProblem, settings } from "../../claim/settings";
import { quote } from "../../claim/schema";
import type { Violation } from "../../claim/violation";
import { operators } from "../../operator/operators";

/** Every fault of `spec.parameters`, in the order in which they are given. */
export function parameterViolations(
  parameters: Readonly<Record<string, string>>,
): readonly Violation[] {
  return Object.entries(parameters).flatMap(([name, value]) => {
    const problem = parameterProblem(name, value);
    return problem === undefined ? [] : [{ field: "spec.parameters", problem }];
  });
}

function parameterProblem(name: string, value: string): string | undefined {
  const kind = settings.get(name);
  if (kind !== undefined) {
    const wanted = settingProblem(kind, value);
    return wanted && `has ${name}: ${quote(value)}, but it must be ${wanted}`;
  }
  // PostgreSQL does not mind capital letters, so neither does a refusal.
  const plain = name.toLowerCase();
  if (durabilitySettings.includes(plain)) {
    return `has ${quote(name)}, with which acknowledged commits could be lost: leave it out`;
  }
  const decider = Object.values(operators).find(({ facts }) => facts.fixedSettings.test(plain));
  if (decider) return `has ${quote(name)}, which ${decider.title} decides on: leave it out`;
  return `has ${quote(name)}, which is not one of the settings that a claim may make: ${suggestionFor(plain)}`;
}

function suggestionFor(plain: string): string {
  const known = [...settings.keys()];
  const same = known.find(name => name.toLowerCase() === plain);
  if (same !== undefined) return `write ${same}`;
  const [first = ""] = plain.split("_");
  const near = first === "" ? [] : known.filter(name => name.startsWith(`${first}_`)).slice(0, 3);
  return near.length > 0 ? `there are for example ${near.join(", ")}` : "see the README";
}
