/**
 * What the kubelet, the scheduler and provisioners say, made fit for a status: short, without what changes by itself (each change
 * is a write) and without what may be a secret. Doing it twice is doing it once.
 */

/** A status is read on one screen. */
export const longestWords = 300;

type Rule = readonly [pattern: RegExp, replacement: string];

/** Registries and stores of layers are asked by URL: the user's part and the query may hold a key or a signature. */
const secrets: readonly Rule[] = [
  [/\/\/[^/\s"']*@/g, "//"],
  [/\?[^\s"']*/g, ""],
  [/\b(bearer|basic) +[^\s"',;…]+/gi, "$1 …"],
  [
    /\b(password|passwd|token|secret|signature|access_?key)\b["']? *[=:] *["']?[^\s"',;]+/gi,
    "$1 …",
  ],
];

/** What is another each time that the same thing fails. */
const changing: readonly Rule[] = [
  [/\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:?\d{2})?/g, ""],
  [/\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi, "…"],
  // Durations as Go writes them: 40s, 5m0s, 1h2m3.4s. 500m is an amount of cpu.
  [/\b(\d+h)?(\d+m)?\d+(\.\d+)?[mµn]?s(?!\w|\.\d)/g, "…"],
  // The port that a connection happened to be made from.
  [/(\d\.\d{1,3}):\d+->/g, "$1->"],
  // How much of a quota others have used.
  [/, used: .*?(?=, limited: )/g, ""],
  // What the scheduler has thought of beside what holds the pod up.
  [/ *no new claims to deallocate,?/g, ""],
  [/[, ]*preemption: .*$/g, ""],
];

/** Nobody reads more than the beginning. */
const longestRead = 4000;

/** The words, at most `longestWords` long; empty if nothing is left of them. */
export function fitWords(words: string): string {
  const said = applied(words.slice(0, longestRead).replaceAll(/\s+/g, " "), [
    ...secrets,
    ...changing,
  ])
    .replaceAll(/ +/g, " ")
    .replaceAll(/^[\s.,:;]+|[\s.,:;]+$/g, "");
  if (said.length <= longestWords) return said;
  return `${said.slice(0, longestWords - 1).replace(/[\s.,:;]+$/, "")}…`;
}

/** Until nothing changes any more: what one rule leaves may be for another. */
function applied(words: string, rules: readonly Rule[]): string {
  const after = rules.reduce((text, [pattern, by]) => text.replaceAll(pattern, by), words);
  return after === words ? words : applied(after, rules);
}
