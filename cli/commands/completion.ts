/** `completion`: scripts that let a shell complete commands and options. */
import { usageFailure } from "../arguments";
import { exitCodes, type Command } from "../command";

const shells = ["bash", "fish", "zsh"];

/** Is given the other commands, which it completes. */
export function completionCommand(others: readonly Command[]): Command {
  const command: Command = {
    name: "completion",
    summary: "Prints a completion script for a shell",
    usage: "SHELL",
    details: [`SHELL is one of ${shells.join(", ")}.`],
    options: {},
    positionals: { least: 1, most: 1 },
    words: shells,
    examples: [
      { what: "bash, in ~/.bashrc", line: "source <(zero-touch-postgres completion bash)" },
      {
        what: "zsh, in ~/.zshrc after compinit",
        line: "source <(zero-touch-postgres completion zsh)",
      },
      {
        what: "fish",
        line: "zero-touch-postgres completion fish > ~/.config/fish/completions/zero-touch-postgres.fish",
      },
    ],
    run: async ({ positionals: [shell = ""] }, terminal) => {
      const { completionScript, isShell } = await import("../completion");
      if (!isShell(shell))
        throw usageFailure(command, `there is no completion for ${JSON.stringify(shell)}`);
      terminal.out(completionScript(shell, [...others, command]));
      return exitCodes.success;
    },
  };
  return command;
}
