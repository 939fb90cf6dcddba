/** All commands, in the order of the help. */
import type { Command } from "../command";
import { backupCommand } from "./backup";
import { backupsCommand } from "./backups";
import { checkCommand } from "./check";
import { completionCommand } from "./completion";
import { crdsCommand } from "./crds";
import { explainCommand } from "./explain";
import { getCommand } from "./get";
import { injectionCommand } from "./injection";
import { kratixCommand } from "./kratix";
import { outputsCommand } from "./outputs";
import { renderCommand } from "./render";
import { restoreCommand } from "./restore";
import { rolesCommand } from "./roles";
import { scoreCommand } from "./score";
import { statusCommand } from "./status";
import { validateCommand } from "./validate";
import { versionCommand } from "./version";
import { waitCommand } from "./wait";

const working: readonly Command[] = [
  renderCommand,
  validateCommand,
  explainCommand,
  getCommand,
  statusCommand,
  waitCommand,
  outputsCommand,
  backupCommand,
  backupsCommand,
  restoreCommand,
  checkCommand,
  crdsCommand,
  injectionCommand,
  rolesCommand,
  kratixCommand,
  scoreCommand,
  versionCommand,
];

export const commands: readonly Command[] = [...working, completionCommand(working)];
