/** docs/troubleshooting.md has every reason that a claim may give for not being Ready, and a test produces each. */
import { explanations, type Reason } from "../capabilities/reconcile/reasons";
import { toldOf } from "./told";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ClaimStatus } from "../capabilities/claim/claim";
import { eventOf, statusOf, type Facts } from "../capabilities/reconcile/status";
import { goodClaim } from "./good-claim";

const root = join(__dirname, "..");
const now = new Date(0);

type Trouble = {
  [R in Reason]: (typeof explanations)[R]["phase"] extends "Ready" ? never : R;
}[Reason];

const stories = "test/cluster/stories";
const operator = "test/cluster/lifecycle/operator.test.ts";
const shared = "test/reconcile/shared-databases.test.ts";
const backups = "test/reconcile/backups.test.ts";
const access = "test/reconcile/access.test.ts";
const causes = "test/cluster/lifecycle/causes.test.ts";

/** Where each is produced: on a real API server, with what only kubelets, schedulers and provisioners would leave laid there. */
const producedBy: Readonly<Record<Trouble, string>> = {
  Provisioning: operator,
  DatabaseUpdating: "test/reconcile/following.test.ts",
  Unblocked: "test/reconcile/unblocking.test.ts",
  CredentialsPending: `${stories}/foreign.test.ts`,
  CredentialsNotFound: `${stories}/credentials.test.ts`,
  CredentialsInvalid: `${stories}/credentials.test.ts`,
  OwnerMismatch: `${stories}/credentials.test.ts`,
  DatabaseDeleting: operator,
  DatabaseKept: `${stories}/deletion.test.ts`,
  DatabaseDiffers: `${stories}/deletion.test.ts`,
  OperatorNotInstalled: operator,
  AccessPending: access,
  AccessFailed: access,
  InstanceNotReady: shared,
  InstanceNotFound: `${stories}/shared-instance.test.ts`,
  NotShared: `${stories}/shared-instance.test.ts`,
  InstanceFull: shared,
  NameTaken: `${stories}/shared-instance.test.ts`,
  NamespaceNotFound: `${stories}/ref.test.ts`,
  ClassNotFound: "test/cluster/lifecycle/watcher.test.ts",
  ExtensionsPending: "test/reconcile/additions.test.ts",
  ExtensionsFailed: `${stories}/extensions.test.ts`,
  PoolerPending: "test/reconcile/additions.test.ts",
  PoolerFailed: "test/reconcile/additions.test.ts",
  MonitoringPending: "test/reconcile/additions.test.ts",
  MonitoringFailed: "test/reconcile/additions.test.ts",
  MonitoringNotInstalled: "test/cluster/lifecycle/additions.test.ts",
  Hibernated: `${stories}/hibernation.test.ts`,
  Invalid: "test/cluster/lifecycle/watcher.test.ts",
  NotOwned: `${stories}/foreign.test.ts`,
  DatabaseInvalid: operator,
  DatabaseFailed: operator,
  WriteFailed: operator,
  Deleting: `${stories}/deletion.test.ts`,
  OperatorSilent: causes,
  QuotaExceeded: `${stories}/stuck.test.ts`,
  Unschedulable: `${stories}/stuck.test.ts`,
  StorageClassNotFound: `${stories}/stuck.test.ts`,
  VolumePending: causes,
  VolumeProvisioningFailed: causes,
  VolumeMountFailed: causes,
  PodRefused: `${stories}/stuck.test.ts`,
  ImagePullFailed: `${stories}/stuck.test.ts`,
  ContainerFailing: causes,
  UpgradeFailed: `${stories}/upgrade.test.ts`,
  OperatorFailed: "test/cluster/local/operators.test.ts",
  BackupPending: backups,
  BackupFailed: backups,
  BackupOverdue: backups,
  RestorePending: backups,
  RestoreRunning: backups,
  RestoreFailed: backups,
  VolumeGrowing: "test/reconcile/growth.test.ts",
  VolumeCannotGrow: `${stories}/stuck.test.ts`,
};

const troubles = Object.keys(producedBy) as Trouble[];

const text = readFileSync(join(root, "docs/troubleshooting.md"), "utf8");

/** Meaning and remedy by reason. */
function rows(): ReadonlyMap<string, readonly string[]> {
  const cells = [...text.matchAll(/^\| `(\w+)` \| \w+ \|(.+)\|$/gm)];
  return new Map(
    cells.map(([, reason = "", rest = ""]) => [reason, rest.split("|").map(cell => cell.trim())]),
  );
}

test("the table has these reasons and no others", () => {
  expect([...rows().keys()].sort()).toEqual([...troubles].sort());
});

test.each(troubles)("%s: its row says what it means and what to do", reason => {
  const said = rows().get(reason) ?? [];
  expect(said).toHaveLength(2);
  expect(said).not.toContain("");
});

test.each(Object.entries(producedBy))("%s is produced in %s", (reason, file) => {
  expect(readFileSync(join(root, file), "utf8")).toMatch(new RegExp(`"${reason}"`));
});

function statusFor(reason: Reason, before?: ClaimStatus): ClaimStatus {
  const verdict = { reason, message: "said" };
  const facts: Facts = { told: toldOf(verdict, { reason: "SecretWritten", message: "" }) };
  return statusOf({ ...goodClaim, ...(before ? { status: before } : {}) }, facts, now);
}

test.each(troubles)("%s: one event if someone must act or wait, none for progress", reason => {
  const before = statusFor("DatabaseHealthy");
  const after = statusFor(reason, before);
  const isTold = ["Pending", "Failed"].includes(explanations[reason].phase);
  const told = { type: "Warning", reason, message: "said" };
  expect(eventOf(before, after)).toEqual(isTold ? told : undefined);
  expect(eventOf(after, statusFor(reason, after))).toBeUndefined();
});
