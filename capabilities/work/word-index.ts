/** Finds keys by words. Most words have one key, for which a set would be several times as large as the key. */

export type WordIndex = {
  readonly add: (word: string, key: string) => void;
  readonly remove: (word: string, key: string) => void;
  readonly keysOf: (word: string) => readonly string[];
};

export function createWordIndex(): WordIndex {
  const index = new Map<string, string | Set<string>>();

  function add(word: string, key: string): void {
    const found = index.get(word);
    if (found === undefined) index.set(word, key);
    else if (typeof found !== "string") found.add(key);
    else if (found !== key) index.set(word, new Set([found, key]));
  }

  function remove(word: string, key: string): void {
    const found = index.get(word);
    if (found === key) index.delete(word);
    if (found === undefined || typeof found === "string") return;
    found.delete(key);
    if (found.size === 0) index.delete(word);
  }

  return {
    add,
    remove,
    keysOf: word => {
      const found = index.get(word) ?? [];
      return typeof found === "string" ? [found] : [...found];
    },
  };
}
