/** All commands, in the order of the help. */
import type { Command } from "../command";
import { completionCommand } from "./completion";
import { crdsCommand } from "./crds";
import { explainCommand } from "./explain";
import { kratixCommand } from "./kratix";
import { renderCommand } from "./render";
import { validateCommand } from "./validate";
import { versionCommand } from "./version";

const working: readonly Command[] = [
  renderCommand,
  validateCommand,
  explainCommand,
  crdsCommand,
  kratixCommand,
  versionCommand,
];

export const commands: readonly Command[] = [...working, completionCommand(working)];
