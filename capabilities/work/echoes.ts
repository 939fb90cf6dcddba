/**
 * Tells the echoes of the module's own writes from news. What a feed brings while a write is under way may be either: it is held back
 * until the answer says which version the write has made.
 */

/** Versions of the module's writes that are remembered until their feed brings them; of more, the echo is taken for news. */
export const mostAwaited = 1000;

export type Echoes<News> = {
  /** A write begins. What is given back ends it, with the version that it has made, if any. */
  readonly begin: (key: string) => (version: string | undefined) => void;
  /** The feed has brought this version of the object; nothing is told of one that was known already. */
  readonly bring: (key: string, version: string, news: News | undefined) => void;
};

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

  function end(key: string, found: UnderWay<News>, version: string | undefined): void {
    found.writes -= 1;
    const others = found.held.filter(held => held.version !== version);
    const isBrought = others.length < found.held.length;
    if (version !== undefined && !isBrought) expect(version);
    found.held = others;
    if (found.writes > 0) return;
    underWay.delete(key);
    for (const { news } of others) tell(news);
  }

  return {
    begin: key => {
      const found = underWay.get(key) ?? { writes: 0, held: [] };
      found.writes += 1;
      underWay.set(key, found);
      return version => {
        end(key, found, version);
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
