/** What a command is to the table of commands, and how it ends: everything that help, completion and the dispatcher need of it. */

/** README and docs/command-line.md explain each. */
export const exitCodes = {
  success: 0,
  /** The input breaks a rule, or what was asked about is not so. */
  refused: 1,
  /** The command line or the environment is wrong. */
  usage: 2,
  /** A file, a folder or the API server could not be read or written. */
  unavailable: 3,
  /** `wait` has waited for as long as it was told to. */
  timeout: 4,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The process's surroundings, handed in so that commands can be tried without a process. */
export type Terminal = {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** All of standard input. */
  readonly input: () => Promise<string>;
  readonly env: Readonly<Record<string, string | undefined>>;
};

export type Option = {
  readonly summary: string;
  readonly short?: string;
  /** What its value is called in the help; a flag has none. */
  readonly value?: string;
  readonly isRepeatable?: true;
  readonly choices?: readonly string[];
  /** What a shell offers for the value. */
  readonly completes?: "file" | "folder";
};

export type Arguments = {
  /** Values of an option in their order; none if it was not given. */
  readonly values: (option: string) => readonly string[];
  /** The last value of an option. */
  readonly value: (option: string) => string | undefined;
  readonly has: (flag: string) => boolean;
  readonly positionals: readonly string[];
};

export type Example = { readonly what: string; readonly line: string };

export type Command = {
  readonly name: string;
  readonly summary: string;
  /** What follows the command's name, for the first line of its help. */
  readonly usage: string;
  readonly details: readonly string[];
  readonly options: Readonly<Record<string, Option>>;
  /** How many words beside options it takes. */
  readonly positionals: { readonly least: number; readonly most: number };
  /** What a shell offers for those words: files if nothing is said. */
  readonly words?: readonly string[];
  readonly examples: readonly Example[];
  readonly run: (given: Arguments, terminal: Terminal) => Promise<ExitCode>;
};

/** Ends a command with a message that names what was given and what to do, and with its exit code. */
export class CommandFailure extends Error {
  constructor(
    readonly exitCode: ExitCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
