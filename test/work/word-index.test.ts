/** Keys by words, however often they come and go. */
import * as fc from "fast-check";
import { createWordIndex } from "../../capabilities/work/word-index";

test("has for each word the keys that were added and not removed since", () => {
  const act = fc.record({
    isRemoval: fc.boolean(),
    word: fc.constantFrom("a", "b"),
    key: fc.constantFrom("1", "2", "3"),
  });
  fc.assert(
    fc.property(fc.array(act, { maxLength: 20 }), acts => {
      const index = createWordIndex();
      const expected = { a: new Set<string>(), b: new Set<string>() };
      for (const { isRemoval, word, key } of acts) {
        index[isRemoval ? "remove" : "add"](word, key);
        expected[word][isRemoval ? "delete" : "add"](key);
      }
      for (const word of ["a", "b"] as const) {
        expect([...index.keysOf(word)].sort()).toEqual([...expected[word]].sort());
      }
    }),
  );
});
