/**
 * Tells the echoes of the module's own writes from news. What a feed brings while a write is under way may be either: it is held back
 * until the answer says which version the write has made.
 */

/** Versions of the module's writes that are remembered until their feed brings them; of more, the echo is taken for news. */
export const mostAwaited = 1000;

export type Echoes<News> = {
  /**
   * A write begins. What is given back ends it, with the version that the answer has, if any, and whether a change to that version may be
   * the write's own: a write that changed nothing is answered with the version that someone else has made.
   */
  readonly begin: (key: string) => End<News>;
  /** The feed has brought this version of the object; nothing is told of one that was known already. */
  readonly bring: (key: string, version: string, news: News | undefined) => void;
};

type End<News> = (version: string | undefined, mayBeOurs: (news: News) => boolean) => void;

/** A write ends within 30 s, which bounds what is held back. */
type UnderWay<News> = { writes: number; held: { version: string; news: News }[] };

/** `tell` hears of everything that is no echo. */
export function createEchoes<News>(tell: (news: News) => void): Echoes<News> {
  const awaited = new Set<string>();
  const underWay = new Map<string, UnderWay<News>>();

  function expect(version: string): void {
    const [oldest] = awaited;
    if (awaited.size >= mostAwaited && oldest !== undefined) awaited.delete(oldest);
    awaited.add(version);
  }

  function end(key: string, found: UnderWay<News>, ...[version, mayBeOurs]: Parameters<End<News>>) {
    found.writes -= 1;
    const isOfWrite = (held: { readonly version: string }): boolean => held.version === version;
    if (version !== undefined && !found.held.some(isOfWrite)) expect(version);
    found.held = found.held.filter(held => !isOfWrite(held) || !mayBeOurs(held.news));
    if (found.writes > 0) return;
    underWay.delete(key);
    for (const { news } of found.held) tell(news);
  }

  return {
    begin: key => {
      const found = underWay.get(key) ?? { writes: 0, held: [] };
      found.writes += 1;
      underWay.set(key, found);
      return (...outcome) => {
        end(key, found, ...outcome);
      };
    },
    bring: (key, version, news) => {
      if (awaited.delete(version) || news === undefined) return;
      const found = underWay.get(key);
      if (found) found.held.push({ version, news });
      else tell(news);
    },
  };
}
