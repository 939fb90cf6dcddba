/** JSON text of a value in which some parts were replaced by what brings programs down, or taken out. */
import * as fc from "fast-check";

type Edit = { readonly at: number; readonly put: string | undefined };

/** Of brackets within each other: as many as are taken, some more, and so many that a function which calls itself for each fails. */
const depths = [50, 100, 20_000];
const longText = 200_000;

/** JSON text, since some of it cannot be made of values. */
const nasty: fc.Arbitrary<string | undefined> = fc.oneof(
  fc.constant(undefined),
  fc.constantFrom(
    "null",
    "true",
    "{}",
    "[]",
    '""',
    "0",
    "-1",
    "1.5",
    "1e999",
    "-0",
    '"16"',
    '"20"',
  ),
  fc.constantFrom("9007199254740993", '"null"', '"CREATE"', '"create"', '"huge"', '"kube-system"'),
  fc.constantFrom('"__proto__"', '"constructor"', '"a\\u0000b"', '"\\ud800"', '"\\u202e"', '"😀"'),
  fc.constantFrom(
    '{"__proto__":{"allowed":true}}',
    '{"constructor":{"prototype":{"allowed":true}}}',
    '{"size":"small","__proto__":{"version":"16"}}',
    '{"toString":1,"hasOwnProperty":null,"length":-1,"then":"x","toJSON":{}}',
    '[{"name":"x"},null,[[]]]',
  ),
  fc.constantFrom(...depths).map(depth => "[".repeat(depth) + "]".repeat(depth)),
  fc.constantFrom(...depths).map(depth => '{"a":'.repeat(depth) + "1" + "}".repeat(depth)),
  fc.constantFrom("x", "é", "\\n").map(part => `"${part.repeat(longText)}"`),
  fc.constant(`[${"1,".repeat(longText)}1]`),
  fc.constant(`{${Array.from({ length: 2000 }, (_, index) => `"k${index}":1`).join()}}`),
  fc.string({ unit: "binary" }).map(text => JSON.stringify(text)),
  fc.jsonValue({ maxDepth: 2 }).map(value => JSON.stringify(value)),
);

const edits = fc.array(fc.record<Edit>({ at: fc.nat(), put: nasty }), {
  minLength: 1,
  maxLength: 4,
});

type Place = { readonly parent: Record<string, unknown>; readonly key: string };

function placesIn(value: unknown): Place[] {
  if (typeof value !== "object" || value === null) return [];
  const parent = value as Record<string, unknown>;
  return Object.keys(parent).flatMap(key => [{ parent, key }, ...placesIn(parent[key])]);
}

function apply(value: object, changes: readonly Edit[]): string {
  const root = { root: structuredClone(value) };
  const put = new Map<string, string>();
  for (const { at, put: text } of changes) {
    // The whole is a place too, but a rare one.
    const places = placesIn(root);
    const place = places[at % places.length];
    if (!place) continue;
    const mark = `edit-${put.size}`;
    if (text === undefined) Reflect.deleteProperty(place.parent, place.key);
    else place.parent[place.key] = mark;
    put.set(mark, text ?? "");
  }
  // Of nothing JSON is undefined.
  const text = (JSON.stringify(root.root) as string | undefined) ?? "";
  return [...put].reduce((left, [mark, right]) => left.replace(`"${mark}"`, () => right), text);
}

/** Values of the arbitrary with one to four such places. */
export function edited(values: fc.Arbitrary<object>): fc.Arbitrary<string> {
  return fc.tuple(values, edits).map(([value, changes]) => apply(value, changes));
}
