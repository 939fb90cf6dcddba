import { queue } from "../../../local/stand-in/queue";

/** A promise that is kept from outside. */
function gate(): { promise: Promise<void>; open: () => void } {
  let open = (): void => undefined;
  const promise = new Promise<void>(resolve => (open = resolve));
  return { promise, open };
}

const ignore = (): void => undefined;

test("a key that is asked for while it runs runs once more, and not beside itself", async () => {
  const seen: string[] = [];
  const [begun, free, done] = [gate(), gate(), gate()];
  const todo = queue(async key => {
    seen.push(`${key} begins`);
    begun.open();
    await free.promise;
    seen.push(`${key} ends`);
    if (seen.length === 4) done.open();
    return undefined;
  }, ignore);
  todo.add("a");
  await begun.promise;
  todo.add("a");
  todo.add("a");
  // Timers come due in the order in which they were set: the queue's has by then.
  await new Promise(resolve => setTimeout(resolve, 2));
  free.open();
  await done.promise;
  await todo.stop();
  expect(seen).toEqual(["a begins", "a ends", "a begins", "a ends"]);
});

test("one key does not wait for another", async () => {
  const [never, done] = [gate(), gate()];
  const todo = queue(async key => {
    if (key === "slow") await never.promise;
    else done.open();
    return undefined;
  }, ignore);
  todo.add("slow");
  todo.add("quick");
  await done.promise;
  never.open();
  await todo.stop();
});

test("what fails is told and done again", async () => {
  const told: string[] = [];
  const done = gate();
  let runs = 0;
  const todo = queue(
    () => {
      runs++;
      if (runs === 1) return Promise.reject(new Error("no"));
      done.open();
      return Promise.resolve(undefined);
    },
    (key, error) => told.push(`${key}: ${String(error)}`),
  );
  todo.add("a");
  await done.promise;
  await todo.stop();
  expect(told).toEqual(["a: Error: no"]);
});

test("work comes back when it wants to, and not after the end", async () => {
  let runs = 0;
  const third = gate();
  const todo = queue(() => {
    runs++;
    if (runs === 3) third.open();
    return Promise.resolve(0);
  }, ignore);
  todo.add("a");
  await third.promise;
  await todo.stop();
  const atTheEnd = runs;
  todo.add("a");
  await new Promise(resolve => setImmediate(resolve));
  expect(runs).toBe(atTheEnd);
});
