/** What a claim's backups are, and how their objects and folders are called. */
import * as fc from "fast-check";
import { backupFolder, backupPlace, backupsOf } from "../../capabilities/claim/backup";
import { builtInClass, type Class } from "../../capabilities/claim/class";
import { backupName, restoreName } from "../../capabilities/claim/job-names";
import { goodClaim, named, withFields, withSpec } from "../good-claim";

const nfs = { nfs: { server: "nas.example.com", path: "/backups" } };
const offering = (backup: Partial<NonNullable<Class["backup"]>> = {}): Class => ({
  ...builtInClass,
  backup: { method: "dump", volume: nfs, ...backup },
});

test("a class that makes none has none, whatever the claim says", () => {
  expect(backupsOf(withSpec({ backup: { retentionDays: 3 } }), builtInClass)).toBeUndefined();
});

test("where the class makes backups, every claim has them: nightly, for 7 days, by the client programs of its version", () => {
  expect(backupsOf(goodClaim, offering())).toEqual({
    volume: nfs,
    schedule: "51 3 * * *",
    retentionDays: 7,
    isEnabled: true,
    isRequired: false,
    image: "ghcr.io/cloudnative-pg/postgresql:16",
  });
});

test("the class decides, and the claim chooses", () => {
  const chosen = offering({ schedule: "0 3 * * *", retentionDays: 30, required: true });
  expect(backupsOf(goodClaim, chosen)).toMatchObject({
    schedule: "0 3 * * *",
    retentionDays: 30,
    isRequired: true,
  });
  const claim = withSpec({ backup: { schedule: "0 4 * * SUN", retentionDays: 14 } });
  expect(backupsOf(claim, chosen)).toMatchObject({ schedule: "0 4 * * SUN", retentionDays: 14 });
  expect(backupsOf(withSpec({ backup: { enabled: false } }), chosen)?.isEnabled).toBe(false);
});

test("an image of the class's own has the claim's version as its tag", () => {
  const chosen = offering({ image: "registry.example.com/clients" });
  expect(backupsOf(withSpec({ version: "17" }), chosen)?.image).toBe(
    "registry.example.com/clients:17",
  );
});

test("the folder is of namespace and name, so that a claim that is made again finds its backups", () => {
  const again = withFields({ metadata: { ...goodClaim.metadata, uid: "another" } });
  expect([goodClaim, again].map(backupFolder)).toEqual(["team-a/orders-db", "team-a/orders-db"]);
  expect(backupPlace(goodClaim, nfs)).toBe("team-a/orders-db in nas.example.com:/backups");
  expect(backupPlace(goodClaim, { persistentVolumeClaim: "backups" })).toBe(
    "team-a/orders-db in PersistentVolumeClaim team-a/backups",
  );
});

/** https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/: a Job's name has eleven characters more. */
const mostOfCronJob = 52;

test("names are legal for the longest claim, and differ where claims differ", () => {
  const name = fc.stringMatching(/^[a-z]([-a-z0-9]{0,48}[a-z0-9])?$/);
  fc.assert(
    fc.property(name, name, (one, other) => {
      const [first, second] = [one, other].map(named).map(backupName);
      expect(first?.length).toBeLessThanOrEqual(mostOfCronJob);
      expect(first).toMatch(/^[a-z]([-a-z0-9]*[a-z0-9])?$/);
      expect(first === second).toBe(one === other);
      expect(restoreName(named(one), "latest").length).toBeLessThanOrEqual(mostOfCronJob);
    }),
  );
});

test("a restore is another one for another backup, and for another claim of the name", () => {
  const again = withFields({ metadata: { ...goodClaim.metadata, uid: "another" } });
  const restores = [
    restoreName(goodClaim, "latest"),
    restoreName(goodClaim, "20261130T023000Z"),
    restoreName(again, "latest"),
  ];
  expect(new Set(restores).size).toBe(3);
  expect(backupName(goodClaim)).toBe("orders-db-backup");
});
