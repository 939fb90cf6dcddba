/** Runs the work for one key never twice at once, different keys side by side, and again after a failure. */

export type Queue = {
  /** Asks for a run; of several that wait for a key, the earliest counts. */
  readonly add: (key: string, delay?: number) => void;
  /** Begins no further run and waits for those under way. */
  readonly stop: () => Promise<void>;
};

type Waiting = { readonly due: number; readonly timer: NodeJS.Timeout };

const retryDelay = 1000;

/** `work` says in how many ms it wants to run again by itself. */
export function queue(
  work: (key: string) => Promise<number | undefined>,
  onFailure: (key: string, error: unknown) => void,
): Queue {
  const waiting = new Map<string, Waiting>();
  const running = new Map<string, Promise<void>>();
  let stopped = false;

  function add(key: string, delay = 0): void {
    const due = Date.now() + delay;
    const earlier = waiting.get(key);
    if (stopped || (earlier && earlier.due <= due)) return;
    clearTimeout(earlier?.timer);
    const timer = setTimeout(() => {
      begin(key);
    }, delay);
    waiting.set(key, { due, timer });
  }

  function begin(key: string): void {
    const present = running.get(key);
    if (present) {
      void present.then(() => {
        if (waiting.has(key)) begin(key);
      });
      return;
    }
    waiting.delete(key);
    running.set(key, run(key));
  }

  async function run(key: string): Promise<void> {
    let again: number | undefined;
    try {
      again = await work(key);
    } catch (error) {
      if (!stopped) onFailure(key, error);
      again = retryDelay;
    }
    running.delete(key);
    if (again !== undefined) add(key, again);
  }

  async function stop(): Promise<void> {
    stopped = true;
    for (const { timer } of waiting.values()) clearTimeout(timer);
    waiting.clear();
    await Promise.all(running.values());
  }

  return { add, stop };
}
