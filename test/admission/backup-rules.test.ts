/** What a class may offer of backups, and what a claim may choose. */
import { judgeClass } from "../../capabilities/admission/class/judgement";
import { classViolations } from "../../capabilities/admission/class/rules";
import { violations } from "../../capabilities/admission/instance/rules";
import { claimWarnings } from "../../capabilities/admission/instance/warnings";
import type { ClaimSpec } from "../../capabilities/claim/claim";
import {
  builtInClass,
  completeClass,
  type PostgresClass,
  type Class,
  type ClassSpec,
} from "../../capabilities/claim/class";
import { parseClaim, parseClass } from "../../capabilities/claim/parse";
import type { Violation } from "../../capabilities/claim/violation";
import { withSpec } from "../good-claim";

type Backup = NonNullable<ClassSpec["backup"]>;

const nfs = { server: "nas", path: "/backups" };
const dump: Backup = { method: "dump", volume: { nfs } };

function home(backup: Partial<Backup> = {}): Class {
  return completeClass({
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresClass",
    metadata: { name: "home" },
    spec: { backup: { ...dump, ...backup } },
  });
}

function saidOf(found: readonly Violation[]): readonly string[] {
  return found.map(({ field, problem }) => `${field} ${problem}`);
}

describe("a class", () => {
  const said = (backup: Partial<Backup>): readonly string[] =>
    saidOf(
      classViolations({ metadata: { name: "home" }, spec: { backup: { ...dump, ...backup } } }),
    );

  test.each<Partial<Backup>>([
    {},
    { volume: { persistentVolumeClaim: "backups" } },
    { schedule: "0 3 * * *", retentionDays: 30, maxRetentionDays: 90, required: true },
    { image: "registry.example.com:5000/postgresql" },
  ])("may offer %j", backup => {
    expect(said(backup)).toEqual([]);
  });

  test.each<readonly [string, Partial<Backup>, string]>([
    [
      "without a volume",
      { volume: {} },
      "spec.backup.volume names none of nfs and persistentVolumeClaim: name the one that dumps are kept in",
    ],
    [
      "with two",
      { volume: { nfs, persistentVolumeClaim: "backups" } },
      "spec.backup.volume names both of nfs and persistentVolumeClaim: name the one that dumps are kept in",
    ],
    [
      "with a schedule that is none",
      { schedule: "@daily  " },
      'spec.backup.schedule is "@daily  ", but must have five fields as in a CronJob (minute, hour, day of month, month, day of week): use for example "30 2 * * *", each night at 2:30 UTC',
    ],
    [
      "with one that reads every database twice an hour",
      { schedule: "0,30 * * * *" },
      'spec.backup.schedule is "0,30 * * * *", but makes backups less than an hour apart, and each reads the whole database: make it hourly at most',
    ],
    [
      "with a maximum below what is kept",
      { retentionDays: 30, maxRetentionDays: 7 },
      "spec.backup.maxRetentionDays is 7, but claims that do not say have retentionDays: 30: make it that much at least, or leave it out",
    ],
    [
      "with a tagged image",
      { image: "registry.example.com/postgresql:16" },
      'spec.backup.image is "registry.example.com/postgresql:16", but the claim\'s version becomes the tag: write "registry.example.com/postgresql"',
    ],
  ])("%s is refused", (_what, backup, problem) => {
    expect(said(backup)).toEqual([problem]);
  });

  test("whose path is not absolute, or whose server is no name, is unlike the schema", () => {
    const volume = { nfs: { server: "nas; rm", path: "backups" } };
    const { faults } = parseClass({
      metadata: { name: "home" },
      spec: { backup: { ...dump, volume } },
    });
    expect(faults.map(({ field }) => field)).toEqual([
      "spec.backup.volume.nfs.server",
      "spec.backup.volume.nfs.path",
    ]);
  });
});

describe("a claim", () => {
  const said = (spec: ClaimSpec, chosen: Class): readonly string[] =>
    saidOf(violations({ claim: withSpec(spec), chosen, classNames: [] }));

  test.each<readonly [ClaimSpec, Class]>([
    [{}, home()],
    [{ backup: {} }, home()],
    [{ backup: { enabled: false } }, home()],
    [{ backup: { enabled: false } }, builtInClass],
    [{ backup: { schedule: "0 4 * * SUN", retentionDays: 3 } }, home()],
    [{ backup: { retentionDays: 90 } }, home({ maxRetentionDays: 90 })],
    [{ restore: { from: "latest" } }, home()],
    [{ backup: { enabled: false }, restore: { from: "20261130T030000Z" } }, home()],
  ])("may choose %j", (spec, chosen) => {
    expect(said(spec, chosen)).toEqual([]);
  });

  test.each<readonly [string, ClaimSpec, Class, string]>([
    [
      "backups that the class does not make",
      { backup: { retentionDays: 3 } },
      builtInClass,
      "spec.backup asks for backups, but class built-in makes none: leave it out, or choose a class that does",
    ],
    [
      "none, where they are required",
      { backup: { enabled: false } },
      home({ required: true }),
      "spec.backup.enabled is false, but class home requires backups: leave it out",
    ],
    [
      "to keep them for longer than the class has room for",
      { backup: { retentionDays: 8 } },
      home(),
      "spec.backup.retentionDays is 8, but class home allows 1 to 7",
    ],
    [
      "to keep them for less than is required",
      { backup: { retentionDays: 6 } },
      home({ required: true, maxRetentionDays: 30 }),
      "spec.backup.retentionDays is 6, but class home allows 7 to 30",
    ],
    [
      "a schedule that never comes",
      { backup: { schedule: "0 0 31 2 *" } },
      home(),
      'spec.backup.schedule is "0 0 31 2 *", but never comes: there is no such day',
    ],
    [
      "a backup to be put back, where there are none",
      { restore: { from: "latest" } },
      builtInClass,
      'spec.restore asks for backup "latest", but class built-in has no backups: leave it out',
    ],
  ])("may not choose %s", (_what, spec, chosen, problem) => {
    expect(said(spec, chosen)).toEqual([problem]);
  });

  test.each(["", "yesterday", "../../other/db", "20261130T030000", "latest "])(
    "may not name a backup %j",
    from => {
      const { faults } = parseClaim(withSpec({ restore: { from } }));
      expect(faults.map(({ field }) => field)).toEqual(["spec.restore.from"]);
    },
  );
});

describe("a change is warned of", () => {
  const before = withSpec({});
  const restoring = withSpec({ restore: { from: "latest" } });

  test("that puts a backup back: once", () => {
    expect(claimWarnings(restoring, before, home())).toEqual([
      "spec.restore: everything that orders_db owns in database orders_db becomes as it was in backup latest, once what is there has been backed up; what was written since is in that backup alone",
    ]);
    expect(claimWarnings(restoring, restoring, home())).toEqual([]);
    expect(claimWarnings(before, restoring, home())).toEqual([]);
  });

  test("that ends backups", () => {
    expect(claimWarnings(withSpec({ backup: { enabled: false } }), before, home())).toEqual([
      "spec.backup.enabled: no backups are made any more; those that are there stay, and nobody removes them",
    ]);
  });
});

describe("a change of a class", () => {
  const classWith = (backup?: Backup): PostgresClass => ({
    apiVersion: "database.bizmatters.io/v1alpha1",
    kind: "PostgresClass",
    metadata: { name: "home" },
    spec: backup ? { backup } : {},
  });
  const judged = (
    before: Backup | undefined,
    after: Backup | undefined,
    ...specs: readonly ClaimSpec[]
  ): ReturnType<typeof judgeClass> => {
    const claims = specs.map(spec => withSpec({ className: "home", ...spec }));
    return judgeClass(classWith(after), classWith(before), [classWith(before)], claims);
  };

  test.each<readonly [string, ClaimSpec, Backup | undefined, string]>([
    [
      "that ends backups of which one is to be put back",
      { restore: { from: "latest" } },
      undefined,
      'spec.backup breaks team-a/orders-db, whose spec.restore asks for backup "latest", but class home has no backups: leave it out: change it first',
    ],
    [
      "that ends backups which a claim asks for",
      { backup: { retentionDays: 3 } },
      undefined,
      "spec.backup breaks team-a/orders-db, whose spec.backup asks for backups, but class home makes none: leave it out, or choose a class that does: change it first",
    ],
    [
      "that requires them of a claim which has none",
      { backup: { enabled: false } },
      { ...dump, required: true },
      "spec.backup breaks team-a/orders-db, whose spec.backup.enabled is false, but class home requires backups: leave it out: change it first",
    ],
    [
      "that keeps them for less than a claim asks for",
      { backup: { retentionDays: 7 } },
      { ...dump, retentionDays: 3 },
      "spec.backup breaks team-a/orders-db, whose spec.backup.retentionDays is 7, but class home allows 1 to 3: change it first",
    ],
  ])("%s is refused: the claim could not be followed any more", (_what, spec, after, problem) => {
    expect(saidOf(judged(dump, after, spec).violations)).toEqual([problem]);
  });

  test("that hurts no claim is taken, and what stays behind is told", () => {
    expect(judged(dump, undefined, {})).toMatchObject({
      violations: [],
      warnings: [
        "no backups are made of team-a/orders-db any more; those that are there stay, and nobody removes them",
      ],
    });
    const moved: Backup = { ...dump, volume: { persistentVolumeClaim: "backups" } };
    expect(judged(dump, moved, {}).warnings).toEqual([
      "backups do not move: those of team-a/orders-db that are there stay in the old volume, where nobody removes them and no claim finds them",
    ]);
    expect(judged(dump, { ...dump, retentionDays: 30 }, {}).warnings).toEqual([]);
    expect(judged(dump, undefined).warnings).toEqual([]);
  });
});
