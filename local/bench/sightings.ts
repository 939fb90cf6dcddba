// When what was waited for was first seen, through watches of the benchmark's own.
import { KubeConfig, Watch } from "@kubernetes/client-node";
import { until } from "../waiting";

/** An object as a watch brings it. */
export type Seen = {
  readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
  readonly status?: {
    readonly phase?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
};

export type Sightings = {
  /** Milliseconds (performance.now) at which a name was first seen to fit. */
  readonly times: ReadonlyMap<string, number>;
  /** Waits until this many names have been seen. */
  readonly all: (count: number, what: string) => Promise<void>;
  readonly stop: () => void;
};

/** The longest that the benchmark waits for a step of all claims together, in seconds. */
const patience = 600;

/** Watches a path from now on; `nameOf` gives the name of what fits, `onSight` is called once for each. */
export async function watchFor(
  kubeconfig: string,
  path: string,
  nameOf: (seen: Seen) => string | undefined,
  onSight: (name: string) => void = () => undefined,
): Promise<Sightings> {
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  const times = new Map<string, number>();
  const note = (_phase: string, object: unknown): void => {
    const name = nameOf(object as Seen);
    if (name === undefined || times.has(name)) return;
    times.set(name, performance.now());
    onSight(name);
  };
  let fault: unknown;
  const controller = await new Watch(config).watch(path, {}, note, (error: unknown) => {
    fault = error;
  });
  const all = (count: number, what: string): Promise<void> =>
    until(() => times.size >= count, {
      what,
      seconds: patience,
      hopeless: () => (fault instanceof Error ? `the watch ended: ${fault.message}` : undefined),
      details: () => `${times.size} of ${count}`,
    });
  return {
    times,
    all,
    stop: () => {
      controller.abort();
    },
  };
}
