/** Completion scripts, made of the table of commands. */
import type { Command, Option } from "./command";

const scripts = { bash, fish, zsh } as const;
type Shell = keyof typeof scripts;

const program = "zero-touch-postgres";

export function isShell(name: string): name is Shell {
  return Object.hasOwn(scripts, name);
}

export function completionScript(shell: Shell, commands: readonly Command[]): string {
  return `${scripts[shell](commands).join("\n")}\n`;
}

/** All ways to write an option. */
function flags([name, { short }]: [string, Option]): readonly string[] {
  return [`--${name}`, ...(short === undefined ? [] : [`-${short}`])];
}

function optionsOf({ options }: Command): readonly [string, Option][] {
  return [...Object.entries(options), ["help", { short: "h", summary: "Help" }]];
}

/** https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html */
function bash(commands: readonly Command[]): readonly string[] {
  const names = commands.map(({ name }) => name).join(" ");
  const cases = commands.flatMap(command => {
    const valued = optionsOf(command).flatMap(option => bashValue(option));
    const all = optionsOf(command).flatMap(flags).join(" ");
    return [
      `    ${command.name})`,
      ...(valued.length === 0 ? [] : ['      case "$previous" in', ...valued, "      esac"]),
      `      if [[ "$current" == -* ]]; then COMPREPLY=($(compgen -W "${all}" -- "$current")); return; fi`,
      `      ${bashWords(command)} ;;`,
    ];
  });
  return [
    "_zero_touch_postgres() {",
    '  local current="${COMP_WORDS[COMP_CWORD]}" previous="${COMP_WORDS[COMP_CWORD-1]}"',
    "  COMPREPLY=()",
    `  if [[ $COMP_CWORD -eq 1 ]]; then COMPREPLY=($(compgen -W "${names} help" -- "$current")); return; fi`,
    '  case "${COMP_WORDS[1]}" in',
    ...cases,
    "  esac",
    "}",
    `complete -o filenames -F _zero_touch_postgres ${program}`,
  ];
}

function bashWords({ words }: Command): string {
  if (!words) return 'COMPREPLY=($(compgen -f -- "$current"))';
  return words.length === 0 ? ":" : `COMPREPLY=($(compgen -W "${words.join(" ")}" -- "$current"))`;
}

function bashValue(option: [string, Option]): readonly string[] {
  const [, { value, choices, completes }] = option;
  if (value === undefined) return [];
  const generated = choices
    ? `compgen -W "${choices.join(" ")}"`
    : { file: "compgen -f", folder: "compgen -d", none: undefined }[completes ?? "none"];
  const reply = generated === undefined ? "" : `COMPREPLY=($(${generated} -- "$current")); `;
  return [`        ${flags(option).join("|")}) ${reply}return ;;`];
}

/** https://fishshell.com/docs/current/cmds/complete.html */
function fish(commands: readonly Command[]): readonly string[] {
  const quoted = (text: string): string => `'${text.replaceAll("'", "\\'")}'`;
  return commands.flatMap(command => {
    const { name, summary, words } = command;
    const within = `complete -c ${program} -n '__fish_seen_subcommand_from ${name}'`;
    return [
      `complete -c ${program} -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
      ...(words ? [`${within} -f -a ${quoted(words.join(" "))}`] : []),
      ...optionsOf(command).map(([long, { short, value, choices, summary: about }]) =>
        [
          within,
          ...(short === undefined ? [] : [`-s ${short}`]),
          `-l ${long}`,
          ...(value === undefined ? [] : ["-r"]),
          ...(choices ? [`-f -a ${quoted(choices.join(" "))}`] : []),
          `-d ${quoted(about)}`,
        ].join(" "),
      ),
    ];
  });
}

/** https://zsh.sourceforge.io/Doc/Release/Completion-System.html */
function zsh(commands: readonly Command[]): readonly string[] {
  const described = (text: string): string => text.replaceAll(/[[\]:'"\\]/g, "");
  const cases = commands.map(command => {
    const specs = optionsOf(command).flatMap(option => {
      const [, { value, summary, choices, completes }] = option;
      const action = choices ? `(${choices.join(" ")})` : completes === undefined ? "" : "_files";
      const argument = value === undefined ? "" : `:${value}:${action}`;
      return flags(option).map(flag => `'*${flag}[${described(summary)}]${argument}'`);
    });
    const words = command.words ? `(${command.words.join(" ")})` : "_files";
    return `    ${command.name}) _arguments ${specs.join(" ")} '*:word:${words}' ;;`;
  });
  const names = commands.map(({ name, summary }) => `'${name}:${described(summary)}'`);
  return [
    `#compdef ${program}`,
    "_zero_touch_postgres() {",
    `  if (( CURRENT == 2 )); then local -a names=(${names.join(" ")}); _describe command names; return; fi`,
    "  local command=${words[2]}",
    "  shift words; (( CURRENT-- ))",
    '  case "$command" in',
    ...cases,
    "  esac",
    "}",
    `compdef _zero_touch_postgres ${program}`,
  ];
}
