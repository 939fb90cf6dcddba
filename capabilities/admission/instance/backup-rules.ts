/** What a claim may choose of its class's backups. */
import type { Claim } from "../../claim/claim";
import { defaultRetentionDays } from "../../claim/backup";
import type { Class } from "../../claim/class";
import { quote } from "../../claim/schema";
import type { Violation } from "../../claim/violation";
import { scheduleViolations } from "../schedule-rule";

type Judged = { readonly claim: Claim; readonly chosen: Class | undefined };
type Rule = (judged: Judged) => readonly Violation[];

export const backupRules: readonly Rule[] = [
  backupsAreOffered,
  backupsAreKept,
  scheduleIsLegal,
  retentionIsOffered,
  restoreHasBackups,
];

/** Those that a change of the class can break. */
export const rulesOfOffer: readonly Rule[] = backupRules.filter(rule => rule !== scheduleIsLegal);

/** What asks for none asks for nothing. */
function backupsAreOffered({ claim, chosen }: Judged): readonly Violation[] {
  const { backup } = claim.spec;
  if (!chosen || chosen.backup || !backup || backup.enabled === false) return [];
  return [
    {
      field: "spec.backup",
      problem: `asks for backups, but class ${chosen.name} makes none: leave it out, or choose a class that does`,
    },
  ];
}

function backupsAreKept({ claim, chosen }: Judged): readonly Violation[] {
  if (chosen?.backup?.required !== true || claim.spec.backup?.enabled !== false) return [];
  return [
    {
      field: "spec.backup.enabled",
      problem: `is false, but class ${chosen.name} requires backups: leave it out`,
    },
  ];
}

function scheduleIsLegal({ claim }: Judged): readonly Violation[] {
  return scheduleViolations(claim.spec.backup?.schedule);
}

function retentionIsOffered({ claim, chosen }: Judged): readonly Violation[] {
  const asked = claim.spec.backup?.retentionDays;
  if (asked === undefined || !chosen?.backup) return [];
  const { least, most } = boundsOf(chosen.backup);
  if (asked >= least && asked <= most) return [];
  const offer = least === most ? `${least}` : `${least} to ${most}`;
  return [
    {
      field: "spec.backup.retentionDays",
      problem: `is ${asked}, but class ${chosen.name} allows ${offer}`,
    },
  ];
}

/** Storage is the platform team's: a claim may ask for less, and for more only as the class says. */
function boundsOf(offered: NonNullable<Class["backup"]>): { least: number; most: number } {
  const { retentionDays = defaultRetentionDays, maxRetentionDays, required = false } = offered;
  return {
    least: required ? retentionDays : 1,
    most: Math.max(retentionDays, maxRetentionDays ?? retentionDays),
  };
}

function restoreHasBackups({ claim, chosen }: Judged): readonly Violation[] {
  const { restore } = claim.spec;
  if (!restore || !chosen || chosen.backup) return [];
  return [
    {
      field: "spec.restore",
      problem: `asks for backup ${quote(restore.from)}, but class ${chosen.name} has no backups: leave it out`,
    },
  ];
}
