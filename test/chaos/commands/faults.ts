/** What befalls the machinery: processes, rights, definitions and the network. */
import { setTimeout as pause } from "node:timers/promises";
import * as fc from "fast-check";
import type { ServerName } from "../../../local/control-plane/command-lines";
import type { Role } from "../../../local/module";
import { until } from "../../../local/waiting";
import { crdName } from "../../../local/stand-in/cnpg/crd";
import type { Disturbance } from "../faulty-proxy";
import { installDefinitions, type Rig } from "../rig";
import { ask, type World } from "../world";
import { command } from "./command";

const roleName = "pepr-zero-touch-postgres";
const short = fc.integer({ min: 0, max: 2000 });

/**
 * As when the memory of its pods has run out. Kubelet starts them again: under a disturbed network more than once, since Pepr 1.1.4
 * hangs where a request for its store fails, until it is killed after 30 s.
 */
async function kill({ rig }: World, role: Role): Promise<boolean> {
  const pods = rig.module.pods.filter(pod => pod.role === role && pod.ready);
  await Promise.all(pods.map(async ({ name }) => rig.module.kill(name)));
  return pods.length > 0;
}

async function stopStandIn(world: World, ms: number): Promise<boolean> {
  if (world.background.size > 0) return false;
  const { startStandIn, stopStandIn } = world.rig;
  inBackground(
    world,
    stopStandIn()
      .then(() => pause(ms))
      .then(startStandIn),
  );
  return Promise.resolve(true);
}

function inBackground({ background }: World, work: Promise<void>): void {
  background.add(work);
  // A failure is found at the end of the run, where all are awaited.
  work.then(
    () => background.delete(work),
    () => undefined,
  );
}

/** All that starts in the background needs an API server. */
async function restart(world: World, server: ServerName, ms: number): Promise<boolean> {
  await Promise.all(world.background);
  const { controlPlane } = world.rig;
  await controlPlane.kill(server);
  await pause(ms);
  await controlPlane.start(server);
  return true;
}

type Rule = { readonly resources: readonly string[]; readonly verbs: readonly string[] };
type Rules = { readonly rules: readonly Rule[] };

const rolePath = `/apis/rbac.authorization.k8s.io/v1/clusterroles/${roleName}`;

/** Takes the right to do this away for a while; what was watched goes on. */
async function revoke(
  world: World,
  { resource, verb, ms }: { resource: string; verb: string; ms: number },
): Promise<boolean> {
  const { body } = await ask(world, { method: "GET", path: rolePath });
  const { rules } = body as Rules;
  const without = rules.map(rule =>
    rule.resources.includes(resource)
      ? { ...rule, verbs: rule.verbs.filter(one => one !== verb) }
      : rule,
  );
  await setRules(world, without);
  await pause(ms);
  await setRules(world, rules);
  return true;
}

async function setRules(world: World, rules: readonly Rule[]): Promise<void> {
  const contentType = "application/merge-patch+json";
  await ask(world, { method: "PATCH", path: rolePath, contentType, body: { rules } });
}

/** With the definition all Clusters go, foreign ones too. */
async function reinstall(world: World, ms: number): Promise<boolean> {
  const { controlPlane } = world.rig;
  for (const [uid, { kind }] of world.foreign) if (kind === "Cluster") world.foreign.delete(uid);
  await controlPlane.kubectl(["delete", "crd", crdName, "--timeout=30s"]);
  await pause(ms);
  await installDefinitions(controlPlane);
  return true;
}

const share = (most: number): fc.Arbitrary<number> =>
  fc.oneof(
    fc.constant(0),
    fc.integer({ min: 0, max: 100 }).map(percent => (percent * most) / 100),
  );

const disturbance: fc.Arbitrary<Disturbance> = fc.record({
  refused: share(0.5),
  dropped: share(0.3),
  unanswered: share(0.3),
  delayed: share(0.5),
  doubled: share(0.5),
  lost: share(0.3),
  swapped: share(0.5),
  expired: share(0.1),
});

/**
 * Kubernetes' garbage collector learns of a kind that was installed anew within 30 s, and never misses what went in an outage before
 * that; a new one does. Else the Secret of a Cluster that is long gone stays in the way of the next of its name.
 */
async function renewGarbageCollection({ controlPlane }: Rig): Promise<void> {
  await controlPlane.kill("kube-controller-manager");
  await controlPlane.start("kube-controller-manager");
}

const outages = ["kill the API server", "kill etcd", "reinstall the CRD"];

/** Ends all faults, and waits until everything that serves is back. */
export async function endFaults({ rig, background, done }: World): Promise<void> {
  rig.proxy.disturb(undefined);
  await Promise.all(background);
  if (outages.some(name => done.has(name))) await renewGarbageCollection(rig);
  await until(() => rig.module.pods.every(({ ready }) => ready), {
    what: "waiting for the module's pods",
    seconds: 180,
  });
}

/** A fault that is over before it began would be none: those of the network last until told otherwise. */
export const networkCommands = [
  command("disturb the network", disturbance, async ({ rig }: World, chosen) => {
    rig.proxy.disturb(chosen);
    return Promise.resolve(true);
  }),
  command("calm the network", fc.constant(undefined), async ({ rig }: World) => {
    rig.proxy.disturb(undefined);
    return Promise.resolve(true);
  }),
];

export const processCommands = [
  command("kill the watcher", fc.constant<Role>("watcher"), kill),
  command("kill admission", fc.constant<Role>("admission"), kill),
  command("stop the operator", short, stopStandIn),
];

export const serverCommands = [
  command("kill the API server", short, async (world, ms) => restart(world, "kube-apiserver", ms)),
  command("kill etcd", short, async (world, ms) => restart(world, "etcd", ms)),
];

export const rightCommands = [
  command(
    "revoke rights",
    fc.record({
      resource: fc.constantFrom(
        ...["secrets", "clusters", "postgresinstances", "postgresinstances/status", "namespaces"],
      ),
      verb: fc.constantFrom("create", "patch", "delete", "get", "list", "watch"),
      ms: short,
    }),
    revoke,
  ),
];

export const definitionCommands = [command("reinstall the CRD", short, reinstall)];
