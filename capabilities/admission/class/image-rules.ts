/** How a class names an image: without a tag, which the version becomes. */
import { quote } from "../../claim/schema";
import type { Violation } from "../../claim/violation";

/** What is wrong with an image in this field. */
export function imageViolations(field: string, image: string | undefined): readonly Violation[] {
  if (image === undefined) return [];
  const tag = tagOf(image);
  const bare = image.slice(0, image.length - tag.length);
  const tagged = tag !== "" && {
    field,
    problem: `is ${quote(image)}, but the claim's version becomes the tag: write ${quote(bare)}`,
  };
  const illegal = !imageName.test(bare) && {
    field,
    problem: `is ${quote(image)}, but must be registry and path in lower-case letters, such as "registry.example.com/postgresql"`,
  };
  return [tagged, illegal].filter(fault => fault !== false);
}

/** Tag and digest: what follows the last part of the path. An earlier colon is that of a port. */
function tagOf(image: string): string {
  return /[:@].*$/s.exec(image.slice(image.lastIndexOf("/") + 1))?.[0] ?? "";
}

/** https://github.com/distribution/reference/blob/main/reference.go: domain and path. */
const domain = "[a-zA-Z0-9]([-a-zA-Z0-9.]*[a-zA-Z0-9])?(:[0-9]+)?";
const component = "[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*";
const imageName = new RegExp(`^(${domain}/)?${component}(/${component})*$`);
