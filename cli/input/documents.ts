/**
 * YAML and JSON as kubectl reads them, with the place of every field. kubectl's reader takes YAML 1.1 (`on` is true), but
 * neither its times nor its base-60 numbers: https://github.com/kubernetes-sigs/yaml
 */
import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Composer,
  LineCounter,
  Parser,
  type CST,
  visit,
  type Document,
  type ParseOptions,
  type ScalarTag,
  type SchemaOptions,
  type DocumentOptions,
  type Tags,
  type ToJSOptions,
} from "yaml";
import { isRecord } from "../../capabilities/claim/schema";
import { messageOf } from "../../sdk/fault";
import { unprintable } from "./text";
import { placeIn, type Place, type Problem } from "./place";

/** One object of a file. */
export type SourceDocument = {
  readonly value: unknown;
  /** Where a field stands, written as in messages (`spec.storage[0].name`); if it is not there, where it ought to be. */
  readonly placeOf: (field: string) => Place;
};

export type Documents = {
  readonly documents: readonly SourceDocument[];
  readonly problems: readonly Problem[];
};

const strangeTags = ["timestamp", "binary", "omap", "pairs", "set"];

/** yaml 2.9 takes `e1` and `.` for numbers, and makes NaN of them; go-yaml asks for a digit before or after the point. */
const exponent = /^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)[eE][-+]?[0-9]+$/;
const decimal = /^[-+]?(\.[0-9]+|[0-9]+\.[0-9]*)$/;
const float = "tag:yaml.org,2002:float";

type Tag = Tags[number];

function isKnownToKubectl(tag: Tag): boolean {
  if (typeof tag !== "object") return true;
  return tag.format !== "TIME" && !strangeTags.some(name => tag.tag.endsWith(`:${name}`));
}

function isScalarTag(tag: object): tag is ScalarTag {
  return !("collection" in tag);
}

function asKubectlTests(tag: Tag): Tag {
  // .inf and .nan are of this tag too, and have no number to be mistaken for.
  if (typeof tag !== "object" || tag.tag !== float || !isScalarTag(tag)) return tag;
  if (tag.format === "EXP") return { ...tag, test: exponent };
  return tag.test?.test("1.5") === true ? { ...tag, test: decimal } : tag;
}

const asKubectl: ParseOptions & DocumentOptions & SchemaOptions = {
  version: "1.1",
  // Its pictures of the code would make several lines of a problem.
  prettyErrors: false,
  logLevel: "error",
  // yaml 2.9 compares each key with all before it; `twinKey` takes no longer for more keys.
  uniqueKeys: false,
  customTags: tags => tags.filter(isKnownToKubectl).map(asKubectlTests),
};

/** Aliases that may be followed before a document is taken for one that grows without end; a claim needs none. */
const maxAliasCount = 100;
const reading: ToJSOptions = { maxAliasCount };

/**
 * So deep may a document be. The composer calls itself for each level, and Node 20 may end the process when that fills the
 * stack. The definitions of CNPG, the deepest that are likely in a repository, have some 40 levels.
 */
const mostLevels = 250;

const strangeness = "it holds a control character, or a byte that is not UTF-8";

/** All objects of a text; those inside a List are taken out of it. */
export function documentsOf(file: string, text: string): Documents {
  const lines = new LineCounter();
  const strange = text.search(unprintable);
  if (strange !== -1) return unreadable(placeIn(file, text, strange), strangeness);
  const tokens = [...new Parser(lines.addNewLine).parse(text)];
  const placeAt = placer(file, lines);
  const deep = tokens.find(token => levelsOf(token) > mostLevels);
  if (deep) return unreadable(placeAt(deep.offset), `it has more than ${mostLevels} levels`);
  const found = new Composer(asKubectl).compose(tokens);
  const read = [...found].map(document => readDocument(document, placeAt));
  return {
    documents: read.flatMap(({ documents }) => documents),
    problems: read.flatMap(({ problems }) => problems),
  };
}

/** Without recursion, which is what it saves others from. */
function levelsOf(token: CST.Token): number {
  let level: readonly CST.Token[] = [token];
  for (let levels = 0; levels <= mostLevels; levels++) {
    if (level.length === 0) return levels;
    level = level.flatMap(inside);
  }
  return Infinity;
}

function inside(token: CST.Token): readonly CST.Token[] {
  if (token.type === "document") return token.value ? [token.value] : [];
  if (!("items" in token)) return [];
  return token.items.flatMap(({ key, value }) => [key, value].filter(part => part != null));
}

type PlaceAt = (offset: number) => Place;

function placer(file: string, lines: LineCounter): PlaceAt {
  return offset => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(1, line), column: Math.max(1, col) };
  };
}

function readDocument(document: Document.Parsed, placeAt: PlaceAt): Documents {
  // What follows the first error is mostly its echo.
  const [error] = document.errors;
  if (error) return unreadable(placeAt(error.pos[0]), error.message);
  try {
    const twin = twinKey(document);
    if (twin) return unreadable(placeAt(twin.offset), `the key ${twin.name} is there twice`);
    const value: unknown = document.toJS(reading);
    // `---` alone, or comments: nothing.
    if (value === null) return { documents: [], problems: [] };
    return { documents: unpacked(value, "", document, placeAt), problems: [] };
  } catch (fault) {
    // Aliases: of no anchor, or so many that the document would grow without end.
    return unreadable(placeAt(document.range[0]), messageOf(fault));
  }
}

/** kubectl refuses a key that is in its map a second time. */
function twinKey(document: Document.Parsed): { name: string; offset: number } | undefined {
  let found: { name: string; offset: number } | undefined;
  visit(document, {
    Map: (_key, { items }) => {
      const names = new Set<string>();
      for (const { key } of items) {
        if (!isScalar(key)) continue;
        const name = JSON.stringify(key.value);
        if (names.has(name)) {
          found = { name, offset: key.range?.[0] ?? 0 };
          return visit.BREAK;
        }
        names.add(name);
      }
      return undefined;
    },
  });
  return found;
}

function unreadable(place: Place, message: string): Documents {
  return {
    documents: [],
    problems: [{ place, field: "", problem: `cannot be read as YAML: ${message}` }],
  };
}

function unpacked(
  value: unknown,
  prefix: string,
  document: Document.Parsed,
  placeAt: PlaceAt,
): readonly SourceDocument[] {
  const isList = isRecord(value) && value.kind === "List" && Array.isArray(value.items);
  if (isList) {
    const items = value.items as readonly unknown[];
    return items.flatMap((item, index) =>
      unpacked(item, `${prefix}items[${index}].`, document, placeAt),
    );
  }
  const placeOf = (field: string): Place => placeAt(offsetOf(document, prefix + field));
  return [{ value, placeOf }];
}

/** Offset of the key of the field, or of the deepest field on the way to it. */
function offsetOf(document: Document.Parsed, field: string): number {
  let node: unknown = document.contents;
  let offset = document.contents?.range[0] ?? document.range[0];
  let rest = field;
  while (rest !== "") {
    const step = isMap(node)
      ? mapStep(node, rest)
      : isSeq(node)
        ? sequenceStep(node, rest)
        : undefined;
    if (!step) return offset;
    ({ offset = offset, rest, node } = step);
    if (isAlias(node)) node = node.resolve(document);
  }
  return offset;
}

type Step = { readonly node: unknown; readonly offset?: number | undefined; readonly rest: string };
type Items = readonly { readonly key: unknown; readonly value: unknown }[];

/** A key may itself have dots: of those that fit, the longest is meant. */
function mapStep({ items }: { readonly items: Items }, path: string): Step | undefined {
  const fitting = items.flatMap(({ key, value }) => {
    if (!isScalar(key)) return [];
    const name = String(key.value);
    const after = path.slice(name.length);
    return path.startsWith(name) && /^([.[]|$)/.test(after)
      ? [
          {
            node: value,
            offset: key.range?.[0],
            rest: after.replace(/^\./, ""),
            length: name.length,
          },
        ]
      : [];
  });
  return fitting.sort((a, b) => b.length - a.length)[0];
}

function sequenceStep(
  { items }: { readonly items: readonly unknown[] },
  path: string,
): Step | undefined {
  const [all = "", index = ""] = /^\[([0-9]+)\]\.?/.exec(path) ?? [];
  const node = items[Number(index)];
  if (all === "" || node === undefined) return undefined;
  const range = isRecord(node) && Array.isArray(node.range) ? (node.range as unknown[]) : [];
  const [offset] = range;
  return {
    node,
    offset: typeof offset === "number" ? offset : undefined,
    rest: path.slice(all.length),
  };
}
