/** Backups as an API server has them: the CronJob that it takes, and what a claim may not ask for. No pod has to run. */
import { cronJobResource } from "../../../capabilities/backup/jobs";
import type { Claim, ClaimSpec } from "../../../capabilities/claim/claim";
import type { ClassSpec } from "../../../capabilities/claim/class";
import type { KubeObject } from "../../../capabilities/kubernetes/objects";
import { claim, claimResource, readyClaim, untilReady } from "../claims";
import { stories } from "../story";

const story = stories();

/** There is no such volume: nothing runs before the night. */
const nightly: NonNullable<ClassSpec["backup"]> = {
  method: "dump",
  volume: { persistentVolumeClaim: "backups" },
};

type CronJob = KubeObject & {
  readonly spec: { readonly schedule: string; readonly suspend: boolean };
};

story(
  "a claim of a class with backups has a CronJob, follows its schedule, and loses it when it wants none",
  async scene => {
    const { cluster, namespace } = scene;
    const className = await scene.newClass({ backup: nightly });
    const ref = { name: "orders-db", namespace };
    const cronJob = { name: "orders-db-backup", namespace };
    const made = await readyClaim(cluster, claim(ref, { className }));
    const place = `${namespace}/orders-db in PersistentVolumeClaim ${namespace}/backups`;
    expect(made.status?.backup?.place).toBe(place);
    expect(made.status?.conditions).toContainEqual(
      expect.objectContaining({ type: "BackupHealthy", reason: "BackupScheduled" }),
    );
    const { spec } = (await cluster.read<CronJob>(cronJobResource, cronJob)) ?? {};
    expect(spec?.schedule).toMatch(/^\d+ [1-4] \* \* \*$/);

    await cluster.patch(claimResource, ref, { spec: { backup: { schedule: "0 12 * * SUN" } } });
    await cluster.eventually("the CronJob to follow", async () => {
      const found = await cluster.read<CronJob>(cronJobResource, cronJob);
      return found?.spec.schedule === "0 12 * * SUN" ? true : undefined;
    });
    await cluster.patch(claimResource, ref, { spec: { hibernate: true } });
    await cluster.eventually("the CronJob to be suspended", async () =>
      (await cluster.read<CronJob>(cronJobResource, cronJob))?.spec.suspend ? true : undefined,
    );
    await cluster.patch(claimResource, ref, {
      spec: { hibernate: false, backup: { enabled: false } },
    });
    await cluster.eventually("the CronJob to be gone", async () =>
      (await cluster.read(cronJobResource, cronJob)) ? undefined : true,
    );
    await untilReady(cluster, ref);
  },
);

story(
  "what a claim may not choose of its class's backups is refused, with the way out",
  async scene => {
    const { cluster, namespace } = scene;
    const required = await scene.newClass({ backup: { ...nightly, required: true } });
    const none = await scene.newClass({});
    const apply = async (className: string, spec: ClaimSpec): Promise<string> => {
      const wanted: Claim = claim({ name: "orders-db", namespace }, { className, ...spec });
      const args = ["apply", "--dry-run=server", "-f", "-"];
      return cluster.kubectl(args, JSON.stringify(wanted)).catch((fault: unknown) => String(fault));
    };
    expect(await apply(none, { backup: { retentionDays: 3 } })).toContain(
      `spec.backup asks for backups, but class ${none} makes none: leave it out, or choose a class that does`,
    );
    expect(await apply(required, { backup: { enabled: false } })).toContain(
      `spec.backup.enabled is false, but class ${required} requires backups: leave it out`,
    );
    expect(await apply(required, { backup: { schedule: "@midnight" } })).toContain(
      "must have five fields as in a CronJob",
    );
    expect(await apply(required, { restore: { from: "yesterday" } })).toContain(
      "spec.restore.from",
    );
    expect(
      await apply(required, { backup: { schedule: "0 3 * * *", retentionDays: 7 } }),
    ).toContain("created (server dry run)");
  },
);
