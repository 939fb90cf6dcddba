/** What a class's backups must be like. */
import { defaultRetentionDays } from "../../claim/backup";
import type { ClassSpec } from "../../claim/class";
import type { Violation } from "../../claim/violation";
import { scheduleViolations } from "../schedule-rule";
import { imageViolations } from "./image-rules";

type Asked = { readonly spec: ClassSpec };
type ClassRule = (asked: Asked) => readonly Violation[];

export const classBackupRules: readonly ClassRule[] = [
  oneVolumeIsNamed,
  scheduleIsLegal,
  retentionIsInOrder,
  imageIsLegal,
];

function oneVolumeIsNamed({ spec: { backup } }: Asked): readonly Violation[] {
  if (!backup) return [];
  const { nfs, persistentVolumeClaim } = backup.volume ?? {};
  const named = [nfs, persistentVolumeClaim].filter(one => one !== undefined).length;
  if (named === 1) return [];
  return [
    {
      field: "spec.backup.volume",
      problem: `names ${named === 0 ? "none" : "both"} of nfs and persistentVolumeClaim: name the one that dumps are kept in`,
    },
  ];
}

function scheduleIsLegal({ spec: { backup } }: Asked): readonly Violation[] {
  return scheduleViolations(backup?.schedule);
}

function retentionIsInOrder({ spec: { backup } }: Asked): readonly Violation[] {
  const { retentionDays = defaultRetentionDays, maxRetentionDays } = backup ?? {};
  if (maxRetentionDays === undefined || maxRetentionDays >= retentionDays) return [];
  return [
    {
      field: "spec.backup.maxRetentionDays",
      problem: `is ${maxRetentionDays}, but claims that do not say have retentionDays: ${retentionDays}: make it that much at least, or leave it out`,
    },
  ];
}

function imageIsLegal({ spec: { backup } }: Asked): readonly Violation[] {
  return imageViolations("spec.backup.image", backup?.image);
}
