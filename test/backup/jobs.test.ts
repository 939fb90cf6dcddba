/** The pods of backups: what they may do, what they know, and whose they are. */
import * as fc from "fast-check";
import { backupCronJob, restoreJob, type Work } from "../../capabilities/backup/jobs";
import { backupScript } from "../../capabilities/backup/script";
import { backupsOf } from "../../capabilities/claim/backup";
import type { Claim } from "../../capabilities/claim/claim";
import { builtInClass, type Class } from "../../capabilities/claim/class";
import { goodClaim, withSpec } from "../good-claim";

type Container = {
  readonly image: string;
  readonly args: readonly string[];
  readonly command: readonly string[];
  readonly env: readonly {
    readonly name: string;
    readonly value?: string;
    readonly valueFrom?: object;
  }[];
  readonly resources: { readonly requests: object; readonly limits: object };
  readonly securityContext: object;
  readonly volumeMounts: readonly object[];
};

type PodSpec = {
  readonly containers: readonly [Container];
  readonly securityContext: object;
  readonly volumes: readonly object[];
  readonly automountServiceAccountToken: boolean;
  readonly imagePullSecrets?: readonly object[];
};

type JobSpec = { readonly backoffLimit: number; readonly template: { readonly spec: PodSpec } };

const nas = { nfs: { server: "nas", path: "/backups" } };

function workOf(claim: Claim = goodClaim, changes: Partial<Class> = {}): Work {
  const backup = { method: "dump", volume: nas } as const;
  const chosen = { ...builtInClass, backup, ...changes };
  const backups = backupsOf(claim, chosen);
  if (!backups) throw new Error("the class makes backups");
  const credentials = { name: "orders-db-app", namespace: "team-a" };
  return { claim, chosen, backups, source: { endpoint: "orders-db-rw.team-a.svc", credentials } };
}

function specOf(
  work: Work,
): Record<string, unknown> & { readonly jobTemplate: { readonly spec: JobSpec } } {
  return (backupCronJob(work) as unknown as { readonly spec: ReturnType<typeof specOf> }).spec;
}

const podOf = (work: Work): PodSpec => specOf(work).jobTemplate.spec.template.spec;

test("the CronJob runs in UTC, one at a time, also if it could not begin in time, and leaves a bounded number of Jobs", () => {
  expect(specOf(workOf())).toMatchObject({
    schedule: "51 3 * * *",
    timeZone: "Etc/UTC",
    concurrencyPolicy: "Forbid",
    startingDeadlineSeconds: 21_600,
    successfulJobsHistoryLimit: 1,
    failedJobsHistoryLimit: 1,
    suspend: false,
    jobTemplate: { spec: { activeDeadlineSeconds: 43_200, ttlSecondsAfterFinished: 604_800 } },
  });
});

test("a database that sleeps is not read", () => {
  expect(specOf(workOf(withSpec({ hibernate: true }))).suspend).toBe(true);
});

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted */
test("the pod is as PodSecurity restricted asks, has no token, and bounds what it takes", () => {
  const volume = { persistentVolumeClaim: "backups" };
  const pod = podOf(workOf(goodClaim, { backup: { method: "dump", volume } }));
  expect(pod).toMatchObject({
    automountServiceAccountToken: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: 26,
      fsGroup: 26,
      seccompProfile: { type: "RuntimeDefault" },
    },
    containers: [
      {
        securityContext: {
          allowPrivilegeEscalation: false,
          capabilities: { drop: ["ALL"] },
          readOnlyRootFilesystem: true,
        },
        resources: { requests: { cpu: "50m" }, limits: { memory: "512Mi" } },
      },
    ],
    volumes: [
      { name: "backups", persistentVolumeClaim: { claimName: "backups" } },
      { name: "tmp", emptyDir: {} },
    ],
  });
});

test("it sees the folder of its claim alone", () => {
  const [{ volumeMounts }] = podOf(workOf()).containers;
  expect(volumeMounts).toEqual([
    { name: "backups", mountPath: "/backups", subPath: "team-a/orders-db" },
    { name: "tmp", mountPath: "/tmp" },
  ]);
  expect(podOf(workOf()).volumes[0]).toEqual({ name: "backups", ...nas });
});

test("user and password come from the operator's Secret: neither is in the manifest", () => {
  const [{ env }] = podOf(workOf()).containers;
  expect(env.filter(({ valueFrom }) => valueFrom)).toEqual([
    { name: "PGUSER", valueFrom: { secretKeyRef: { name: "orders-db-app", key: "username" } } },
    { name: "PGPASSWORD", valueFrom: { secretKeyRef: { name: "orders-db-app", key: "password" } } },
  ]);
});

test.each([
  [undefined, undefined],
  ["disable", "disable"],
  ["require", "require"],
  ["verify-ca", "require"],
  ["verify-full", "require"],
] as const)("where clients are to use sslmode %s, it uses %s", (sslmode, used) => {
  const [{ env }] = podOf(workOf(goodClaim, { tls: sslmode && { sslmode } })).containers;
  expect(env.find(({ name }) => name === "PGSSLMODE")?.value).toBe(used);
});

test("what a claim says never becomes part of the script", () => {
  const name = fc.stringMatching(/^[a-z_][a-z0-9_]{0,20}$/);
  fc.assert(
    fc.property(name, databaseName => {
      const [{ command, args }] = podOf(workOf(withSpec({ databaseName }))).containers;
      expect(command).toEqual(["/bin/sh", "-c", backupScript, "backup"]);
      expect(args).toEqual(["backup"]);
    }),
  );
});

test("the Secrets for a private registry are the class's", () => {
  expect(podOf(workOf()).imagePullSecrets).toBeUndefined();
  expect(podOf(workOf(goodClaim, { imagePullSecrets: ["pull"] })).imagePullSecrets).toEqual([
    { name: "pull" },
  ]);
});

test("a restore runs the same pod with other arguments, and is not tried again", () => {
  const work = workOf();
  const job = restoreJob(work, "latest") as unknown as { readonly spec: JobSpec };
  const { backoffLimit, template } = job.spec;
  expect(backoffLimit).toBe(0);
  const [container] = template.spec.containers;
  expect(container.args).toEqual(["restore", "latest"]);
  expect({ ...container, args: ["backup"] }).toEqual(podOf(work).containers[0]);
});

test("both are the claim's: it owns them, and so do its labels say", () => {
  for (const made of [backupCronJob(workOf()), restoreJob(workOf(), "latest")]) {
    expect(made.metadata).toMatchObject({
      namespace: "team-a",
      labels: {
        "database.bizmatters.io/claim-uid": "claim-uid",
        "app.kubernetes.io/component": "backup",
      },
      ownerReferences: [{ kind: "PostgresInstance", uid: "claim-uid", controller: true }],
    });
  }
});
