// Starts a stand-in (stand-in/) as a process of its own on a control plane.
import { join } from "node:path";
import type { ControlPlane } from "./control-plane/servers";
import { lastLines, type Report, startChild } from "./processes";
import { until } from "./waiting";

/** A running stand-in. */
export interface Operator {
  /** What it says, a line for each notable thing. */
  readonly log: string;
  /** Ends it and all its PostgreSQL servers. */
  stop(): Promise<void>;
}

const checkout = join(__dirname, "..");
const readyLine = /^ready: /m;
/** It ends its PostgreSQL servers one by one and then itself; after these ms it is ended. */
const stopTime = 10_000;

/** The operators that have a stand-in, by the names that classes have for them, with what they are called. */
export const standIns = { cnpg: "CloudNativePG", zalando: "Zalando's operator" } as const;

export type StandInName = keyof typeof standIns;

/** Starts a stand-in for an operator with these options of its command line, and waits until it answers. */
export async function startOperator(
  name: StandInName,
  controlPlane: ControlPlane,
  options: readonly string[] = [],
  report: Report = () => undefined,
): Promise<Operator> {
  return startStandIn({ script: name, title: standIns[name], options }, controlPlane, report);
}

/** Starts the stand-in for the kubelet, which runs the pods of backups. */
export async function startKubelet(controlPlane: ControlPlane, report?: Report): Promise<Operator> {
  return startStandIn(
    { script: "kubelet", title: "the kubelet", options: [] },
    controlPlane,
    report,
  );
}

type StandIn = {
  /** Its file in stand-in/. */
  readonly script: string;
  readonly title: string;
  readonly options: readonly string[];
};

async function startStandIn(
  { script: name, title: played, options }: StandIn,
  { kubeconfig, folder }: ControlPlane,
  report: Report = () => undefined,
): Promise<Operator> {
  const log = join(folder, `stand-in-${name}.log`);
  const script = join(checkout, "local", "stand-in", `${name}.ts`);
  const title = `the stand-in for ${played}`;
  const child = startChild(
    process.execPath,
    ["--import", "tsx", script, "--kubeconfig", kubeconfig, ...options],
    { cwd: checkout, env: process.env, log },
  );
  await until(() => readyLine.test(lastLines(log, 1000)), {
    what: `starting ${title}`,
    seconds: 60,
    hopeless: () => (child.running() ? undefined : `it ended\n${lastLines(log)}`),
    details: () => lastLines(log),
  });
  let isWanted = true;
  void child.ended.then(how => {
    if (isWanted) report(`${title} ended: ${how}\n${lastLines(log)}`);
  });
  const stop = async (): Promise<void> => {
    isWanted = false;
    if (child.running()) process.kill(child.pid, "SIGTERM");
    const impatience = setTimeout(() => void child.kill(), stopTime);
    await child.ended;
    clearTimeout(impatience);
  };
  return { log, stop };
}
