// `npm start`: the main job on this machine, or on a cluster that is there already, shown from claim to query.
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { startControlPlane } from "./control-plane/servers";
import { buildModule, startModule } from "./module";
import { standIns, startKubelet, startOperator, type StandInName } from "./operator";
import { type Report, run } from "./processes";
import { clearAway, giveTour, shown, type Site } from "./tour";

const usage = `npm start [-- options]

Shows PostgreSQL by claim: on a control plane of its own on this machine, with stand-ins for CloudNativePG and
Zalando's operator, until Ctrl-C; or on a cluster that is there already.

  --once             do it all, clear away and end; exit code 1 and what failed if anything did
  --operator NAME    with this one alone, cnpg or zalando
  --kubeconfig FILE  on a cluster that has one of the operators: deploys the module there if it is not deployed yet
  --context NAME     the same, by a context of the kubeconfig
  --help             this text`;

type Choice = {
  readonly once: boolean;
  readonly operators: readonly StandInName[];
  readonly kubectlArgs: readonly string[] | undefined;
};

/** A place for the tour, and how to leave it. */
type Stage = { readonly site: Site; readonly hints: string; readonly leave: () => Promise<void> };

/** A database with replicas on a busy cluster, first pull of the image included, in seconds. */
const realPatience = 600;
const localPatience = 120;

const started = Date.now();
const report: Report = line => {
  process.stdout.write(`${line}\n`);
};

function choose(args: readonly string[]): Choice | "help" {
  const { values } = parseArgs({
    args: [...args],
    options: {
      once: { type: "boolean", default: false },
      operator: { type: "string" },
      kubeconfig: { type: "string" },
      context: { type: "string" },
      help: { type: "boolean", default: false },
    },
  });
  const { once, operator, kubeconfig, context, help } = values;
  if (help) return "help";
  const kubectlArgs = [
    ...(kubeconfig === undefined ? [] : ["--kubeconfig", kubeconfig]),
    ...(context === undefined ? [] : ["--context", context]),
  ];
  const operators = operatorsOf(operator);
  return { once, operators, kubectlArgs: kubectlArgs.length === 0 ? undefined : kubectlArgs };
}

/** All where none is named. */
function operatorsOf(named: string | undefined): readonly StandInName[] {
  const known = Object.keys(standIns) as StandInName[];
  const found = known.filter(name => named === undefined || name === named);
  if (found.length > 0) return found;
  throw new Error(`--operator is ${known.join(" or ")}, not ${named ?? ""}`);
}

async function localStage(operators: readonly StandInName[]): Promise<Stage> {
  const controlPlane = await startControlPlane({ report });
  // What was started last goes first.
  const stops = [() => controlPlane.stop()];
  const leave = async (): Promise<void> => {
    for (const stop of stops) await stop();
  };
  try {
    report(`a control plane runs at ${controlPlane.url} (${seconds()})`);
    await buildModule(report);
    const module = await startModule(controlPlane);
    stops.unshift(() => module.stop());
    report(
      `the module runs as built, ${module.pods.length} pods under their own RBAC (${seconds()})`,
    );
    for (const name of operators) {
      const operator = await startOperator(name, controlPlane, [], report);
      stops.unshift(() => operator.stop());
      report(
        `a STAND-IN plays ${standIns[name]}: each database is a real PostgreSQL server (${seconds()})`,
      );
    }
    const kubelet = await startKubelet(controlPlane, report);
    stops.unshift(() => kubelet.stop());
    report(`a STAND-IN plays the kubelet for the pods of backups (${seconds()})`);
  } catch (fault) {
    await leave();
    throw fault;
  }
  const site = {
    kubectl: controlPlane.kubectl.bind(controlPlane),
    operators,
    isLoopback: true,
    patience: localPatience,
  };
  return {
    site,
    leave,
    hints: hintsFor(operators, `export KUBECONFIG=${controlPlane.kubeconfig}\n  `),
  };
}

async function existingStage({ operators: wanted, kubectlArgs = [] }: Choice): Promise<Stage> {
  const kubectl: Site["kubectl"] = (args, input = "") =>
    run("kubectl", [...kubectlArgs, ...args], { input });
  const operators: StandInName[] = [];
  for (const name of wanted) {
    const { code } = await kubectl(["get", "crd", shown[name].kind]);
    if (code === 0) operators.push(name);
  }
  if (operators.length === 0) {
    const titles = wanted.map(name => standIns[name]).join(" or ");
    throw new Error(`${titles}: no such operator is there; install one, then run this again`);
  }
  const deployed = await kubectl([
    "get",
    "deploy",
    "-n",
    "pepr-system",
    "pepr-zero-touch-postgres",
  ]);
  if (deployed.code !== 0) {
    throw new Error(
      "the module is not deployed there: run `npx pepr deploy` with this context, then this again",
    );
  }
  const site = { kubectl, operators, isLoopback: false, patience: realPatience };
  return { site, leave: () => clearAway(site), hints: hintsFor(operators, "") };
}

function hintsFor([first = "cnpg"]: readonly StandInName[], prefix: string): string {
  const { name, secret } = shown[first];
  return `
# To try for yourself
  ${prefix}kubectl get pgi --all-namespaces -o wide
  kubectl explain pgi.spec
  kubectl describe pgi ${name} -n shop
  kubectl get secret ${secret} -n shop -o jsonpath='{.data.uri}' | base64 -d
  kubectl patch pgi ${name} -n shop --type merge -p '{"spec":{"size":"large"}}'
  kubectl delete pgi ${name} -n shop`;
}

function seconds(): string {
  return `${((Date.now() - started) / 1000).toFixed(1)} s`;
}

/** Resolves with the first Ctrl-C. */
function interruption(): Promise<void> {
  return new Promise(resolve => {
    for (const signal of ["SIGINT", "SIGTERM"] as const) {
      process.once(signal, () => {
        resolve();
      });
    }
  });
}

async function main(): Promise<void> {
  const choice = choose(process.argv.slice(2));
  if (choice === "help") {
    report(usage);
    return;
  }
  const interrupted = interruption();
  const stage = await (choice.kubectlArgs ? existingStage(choice) : localStage(choice.operators));
  try {
    await Promise.race([giveTour(stage.site, report), interrupted]);
    report(stage.hints);
    if (!choice.once) {
      report("\nCtrl-C ends everything and leaves nothing behind.");
      await interrupted;
    }
  } finally {
    report("clearing away");
    await stage.leave();
  }
  report(`done (${seconds()})`);
}

main().then(
  // A connection that is still closing must not hold up the end.
  async () => sleep(0).then(() => process.exit(0)),
  (fault: unknown) => {
    process.stderr.write(`${fault instanceof Error ? fault.message : String(fault)}\n`);
    process.exit(1);
  },
);
