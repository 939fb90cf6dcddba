/** What a command is: a name for people, and something done to the world. What is there decides whether it can be done. */
import { setTimeout as pause } from "node:timers/promises";
import * as fc from "fast-check";
import type { World } from "../world";

/** What is true of a run by its commands alone. */
export type Model = { readonly isOver: false };
export type Command = fc.AsyncCommand<Model, World>;

/** Gives whether it was done; a refusal is no fault. */
type Act = (world: World) => Promise<boolean>;

/** In ms, after a command: most often the next one comes at once. */
const pauses = fc.oneof(
  { weight: 3, arbitrary: fc.constant(0) },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 200 }) },
  { weight: 1, arbitrary: fc.integer({ min: 200, max: 1500 }) },
);

export const slot = fc.constantFrom(0, 1, 2, 3);

/** A command for each of the arguments, with a pause after it. */
export function command<T>(
  name: string,
  argument: fc.Arbitrary<T>,
  act: (world: World, argument: T) => Promise<boolean>,
): fc.Arbitrary<Command> {
  return fc.tuple(argument, pauses).map(([chosen, ms]) =>
    asCommand(name, `${name}(${JSON.stringify(chosen)}) +${ms}ms`, async world => {
      const isDone = await act(world, chosen);
      await pause(ms);
      return isDone;
    }),
  );
}

function asCommand(name: string, title: string, act: Act): Command {
  return {
    check: () => true,
    run: async (_model, world) => {
      if (await act(world)) world.done.set(name, (world.done.get(name) ?? 0) + 1);
    },
    toString: () => title,
  };
}
