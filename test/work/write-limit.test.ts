/** How often the same may be written again to an object that someone else keeps changing. */
import * as fc from "fast-check";
import {
  createWriteLimit,
  mostAtOnce,
  respite,
  type WriteLimit,
} from "../../capabilities/work/write-limit";

const second = 1000;
const minute = 60 * second;

/** Writes where it may. */
function writing({ mayWrite, note }: WriteLimit): WriteLimit["mayWrite"] {
  return (key, content) => {
    const isAllowed = mayWrite(key, content);
    if (isAllowed) note(key, content);
    return isAllowed;
  };
}

/** When each of these was written, in seconds; asked for every second for so long. */
function writtenIn(ms: number, contents: readonly string[]): readonly number[] {
  let now = 0;
  const mayWrite = writing(createWriteLimit(() => now));
  const written: number[] = [];
  for (let turn = 0; now < ms; turn += 1, now += second) {
    const content = contents[turn % contents.length] ?? "";
    if (mayWrite("Cluster team-a/orders-db", content)) written.push(now / second);
  }
  return written;
}

test("the same is written five times at once, and from then on every five minutes", () => {
  expect(writtenIn(15 * minute, ["ours"])).toEqual([0, 1, 2, 3, 4, 304, 604]);
});

test("what has changed meanwhile is written at once", () => {
  expect(writtenIn(20 * second, ["ours", "ours as changed"])).toHaveLength(20);
});

test("what has stood for ten minutes is put right at once again", () => {
  let now = 0;
  const mayWrite = writing(createWriteLimit(() => now));
  const write = (): boolean => mayWrite("Cluster team-a/orders-db", "ours");
  const many = Array.from({ length: mostAtOnce }, write);
  expect([many, write()]).toEqual([many.map(() => true), false]);
  now += 2 * respite;
  expect([Array.from({ length: mostAtOnce }, write), write()]).toEqual([many, false]);
});

test("objects are no matter to each other", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(3), fc.nat(2))), writes => {
      const alone = new Map<number, WriteLimit["mayWrite"]>();
      const together = writing(createWriteLimit(() => 0));
      for (const [object, content] of writes) {
        const own = alone.get(object) ?? writing(createWriteLimit(() => 0));
        alone.set(object, own);
        const expected = own("", String(content));
        expect(together(String(object), String(content))).toBe(expected);
      }
    }),
  );
});

test("what was refused was undone by nobody: it may be asked for as often as it is wanted", () => {
  const { mayWrite } = createWriteLimit(() => 0);
  const asked = Array.from({ length: 3 * mostAtOnce }, () => mayWrite("Cluster a/b", "ours"));
  expect(asked).not.toContain(false);
});
