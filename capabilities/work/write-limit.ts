/**
 * Bounds the writes of two who disagree: a watcher of another build that is still alive, or a controller that sets the module's
 * fields to something else. Each sees at once what the other has done, so without a bound they would write as fast as they can.
 */

export type WriteLimit = {
  /**
   * Whether this may be written to the object of this key. False if the very same was the last thing written to it, and that too
   * often: someone else undoes it, and is given time.
   */
  readonly mayWrite: (key: string, content: string) => boolean;
  /** Notes that this was written. What was refused has not been undone by anyone. */
  readonly note: (key: string, content: string) => void;
};

/** So often the same is written again at once: people and tools that correct themselves do no harm. */
export const mostAtOnce = 5;
/** After that, so many ms must be between two writes; what has stood for twice as long is left alone by now. */
export const respite = 300_000;

type Entry = { readonly content: string; readonly count: number; readonly at: number };

/** `now` gives ms that only grow. */
export function createWriteLimit(now: () => number): WriteLimit {
  // In the order of the writes, the last one last.
  const entries = new Map<string, Entry>();

  function forgetOne(before: number): void {
    const [oldest] = entries;
    if (oldest && oldest[1].at < before) entries.delete(oldest[0]);
  }

  function countOf(
    key: string,
    content: string,
  ): { readonly count: number; readonly since: number } {
    const last = entries.get(key);
    const since = last?.content === content ? now() - last.at : Infinity;
    return { count: last && since < 2 * respite ? last.count + 1 : 1, since };
  }

  function mayWrite(key: string, content: string): boolean {
    const { count, since } = countOf(key, content);
    return count <= mostAtOnce || since >= respite;
  }

  function note(key: string, content: string): void {
    const { count } = countOf(key, content);
    const at = now();
    entries.delete(key);
    entries.set(key, { content, count, at });
    // Two for one that comes: what nobody asks about any more goes in time.
    forgetOne(at - 2 * respite);
    forgetOne(at - 2 * respite);
  }

  return { mayWrite, note };
}
