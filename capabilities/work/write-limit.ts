/**
 * Bounds the writes of two who disagree: a watcher of another build that is still alive, or a controller that sets our fields
 * to something else. Each sees at once what the other has done, so without a bound they would write as fast as they can.
 */

export type WriteLimit = {
  /**
   * Notes that this is about to be written to the object of this key. False if the very same was our last write to it, and that
   * too often: someone else undoes it, and is given time.
   */
  readonly mayWrite: (key: string, content: string) => boolean;
};

/** So often the same is written again at once: people and tools that correct themselves are no contest. */
export const mostAtOnce = 5;
/** After that, so many ms must be between two writes; what has stood for twice as long is not contested any more. */
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

  function mayWrite(key: string, content: string): boolean {
    const at = now();
    const last = entries.get(key);
    const since = last?.content === content ? at - last.at : Infinity;
    const count = last && since < 2 * respite ? last.count + 1 : 1;
    if (count > mostAtOnce && since < respite) return false;
    entries.delete(key);
    entries.set(key, { content, count, at });
    // Two for one that comes: what nobody asks about any more goes in time.
    forgetOne(at - 2 * respite);
    forgetOne(at - 2 * respite);
    return true;
  }

  return { mayWrite };
}
