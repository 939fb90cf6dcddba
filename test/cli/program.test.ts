import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseAllDocuments } from "yaml";
import { definitions } from "../../capabilities/crd/crd";
import { commands } from "../../cli/commands/commands";
import { typed } from "./terminal";

const examples = resolve(__dirname, "../../examples");
const claimFile = join(examples, "claim.yaml");
const refused = join(examples, "refused.yaml");
const classFile = join(examples, "classes/zero-touch.yaml");

let folder = "";

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "command-line-"));
});

afterEach(() => rm(folder, { recursive: true }));

describe("render", () => {
  test("prints the Cluster of a claim in a file, and the same of standard input", async () => {
    const { code, out, error } = await typed(["render", "-f", claimFile]);
    expect({ code, error }).toEqual({ code: 0, error: "" });
    expect(out).toBe(readFileSync(join(__dirname, "golden/claim.yaml"), "utf8"));
    expect(await typed(["render", "-"], readFileSync(claimFile, "utf8"))).toEqual({
      code,
      out,
      error,
    });
  });

  test("lists all problems and prints nothing else if there is one", async () => {
    const { code, out, error } = await typed(["render", claimFile, refused, "-f", classFile]);
    expect({ code, out }).toEqual({ code: 1, out: "" });
    expect(error.split("\n").map(line => line.replace(`${refused}:`, "").split(" ")[0])).toEqual([
      ...["4:13", "6:3", "7:3", "8:3", ""],
    ]);
  });

  test("writes a file per object, and again over those that are there", async () => {
    for (const code of [0, 0]) {
      expect(await typed(["render", claimFile, "-o", folder])).toMatchObject({ code, out: "" });
    }
    expect(await readdir(folder, { recursive: true })).toEqual([
      "shop",
      "shop/cluster-orders-db.yaml",
    ]);
    const { out } = await typed(["render", claimFile]);
    expect(await readFile(join(folder, "shop/cluster-orders-db.yaml"), "utf8")).toBe(out);
  });

  test("says that the owner is a guess where only the Secret that is brought knows it", async () => {
    const brought = readFileSync(join(examples, "external-credentials/claim.yaml"), "utf8");
    expect(await typed(["render", "-"], brought)).toMatchObject({ code: 0, error: "" });
    const ownerless = brought.replace(/^ *databaseOwner: .*\n/m, "");
    const { code, out, error } = await typed(["render", "-"], ownerless);
    expect(code).toBe(0);
    expect(out).toContain("owner: agent_executor_db\n");
    expect(error).toBe(
      'note: claim databases/agent-executor-db: the owner is the username in Secret "agent-executor-db-credentials", which only ' +
        'a cluster has; "agent_executor_db" stands for it here: set spec.databaseOwner to be sure\n',
    );
  });

  test("says what it cannot write, with exit code 3", async () => {
    await writeFile(join(folder, "file"), "");
    const { code, error } = await typed(["render", claimFile, "-o", join(folder, "file")]);
    expect(code).toBe(3);
    expect(error).toContain(`cannot write ${folder}/file/shop/cluster-orders-db.yaml: ENOTDIR`);
  });

  test("a claim that names no namespace is in that of -n, else in default", async () => {
    const claim = readFileSync(claimFile, "utf8").replace(", namespace: shop", "");
    expect((await typed(["render", "-"], claim)).out).toContain("namespace: default");
    expect((await typed(["render", "-", "-n", "b"], claim)).out).toContain("namespace: b");
  });
});

test.each(["--output", "--filename", "--namespace"])(
  "a %s that is empty, as an unset variable of a shell is, is a usage error",
  async option => {
    expect(await typed(["render", claimFile, option, ""])).toEqual({
      code: 2,
      out: "",
      error: `zero-touch-postgres: ${option} is empty; see zero-touch-postgres render --help\n`,
    });
  },
);

test("so is a word that is empty", async () => {
  const error = "zero-touch-postgres: a word is empty; see zero-touch-postgres validate --help\n";
  expect(await typed(["validate", claimFile, ""])).toEqual({ code: 2, out: "", error });
});

describe("validate", () => {
  test("counts what is good", async () => {
    const printed = await typed(["validate", claimFile, "-f", classFile]);
    expect(printed).toEqual({ code: 0, out: "", error: "1 claim, 1 class: no problems\n" });
  });

  test("gives problems as JSON", async () => {
    const { code, out } = await typed(["validate", refused, "-o", "json"]);
    expect(code).toBe(1);
    const { claims, problems } = JSON.parse(out) as { claims: number; problems: object[] };
    expect({ claims, count: problems.length }).toEqual({ claims: 1, count: 4 });
    expect(problems[1]).toEqual({
      file: refused,
      line: 6,
      column: 3,
      field: "spec.size",
      problem: 'is "huge", but must be one of small, medium, large',
    });
  });

  test("gives problems as annotations of a GitHub workflow, with nothing that could be another", async () => {
    const file = join(folder, "a,b%.yaml");
    await writeFile(file, `${readFileSync(claimFile, "utf8")}"a\\n::error::b": 1\n`);
    const { out } = await typed(["validate", file, "-o", "github"]);
    expect(out).toBe(
      `::error file=${folder}/a%2Cb%25.yaml,line=7,col=1::a%0A::error::b is not a known field; ` +
        "known here: apiVersion, kind, metadata, spec, status, writeConnectionSecretToRef\n",
    );
  });
});

describe("explain", () => {
  test("tells what a claim of a name becomes", async () => {
    const { code, out } = await typed(["explain", "orders-db", "-n", "shop", "-f", classFile]);
    expect(code).toBe(0);
    expect(out).toMatch(/^Class +zero-touch: PostgreSQL 16, small$/m);
    expect(out).toMatch(/^Database +orders_db$/m);
    expect(out).toMatch(/^Endpoint +orders-db-rw\.shop\.svc\.cluster\.local:5432$/m);
    expect(out).toMatch(/^Secret +orders-db-app,/m);
    expect(out).toMatch(
      /^If asked +Database .*, Pooler shop\/orders-db-pooler \(spec\.pooler\), PodMonitor /m,
    );
  });

  test("tells why a name is not allowed, with exit code 1", async () => {
    const { code, out } = await typed(["explain", "Pg_x"]);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^"Pg_x" is not allowed:\n {2}- metadata.name "Pg_x" must begin with a letter/,
    );
  });
});

test("crds prints both definitions, as the module registers them", async () => {
  const { out } = await typed(["crds"]);
  expect(parseAllDocuments(out).map(document => document.toJS() as unknown)).toEqual([
    ...(JSON.parse(JSON.stringify(definitions)) as unknown[]),
  ]);
});

describe("the command line", () => {
  test.each([
    ["no words", [], "Usage: zero-touch-postgres COMMAND"],
    [
      "a command that there is not",
      ["rendre"],
      'there is no command "rendre"; there are render, validate,',
    ],
    [
      "an option that there is not",
      ["render", "--fast"],
      "Unknown option '--fast'; see zero-touch-postgres render --help",
    ],
    ["an option without its value", ["render", "-f"], "see zero-touch-postgres render --help"],
    ["no input", ["validate"], "no input: name a file, a folder or -"],
    [
      "a format that there is not",
      ["validate", "-o", "xml", "."],
      '--output is "xml", but must be one of text, json, github',
    ],
    ["no name", ["explain"], "NAME is missing"],
    ["one word too many", ["version", "2"], '"2" is one word too many'],
    ["a folder without claims", ["render", __dirname], "there is no claim in the input"],
  ])("%s is an error of usage: exit code 2", async (_title, words, message) => {
    const { code, out, error } = await typed(words);
    expect({ code, out }).toEqual({ code: 2, out: "" });
    expect(error).toContain(message);
  });

  test("help names every command; each has a help of its own, with examples that can be typed", async () => {
    const { out } = await typed(["--help"]);
    for (const command of commands) {
      expect(out).toMatch(new RegExp(`^  ${command.name} +${command.summary}$`, "m"));
      const help = await typed([command.name, "--help"]);
      expect(help).toMatchObject({ code: 0, error: "" });
      expect(await typed(["help", command.name])).toEqual(help);
      for (const { line } of command.examples) expect(help.out).toContain(`  ${line}\n`);
      expect(Math.max(...help.out.split("\n").map(one => one.length))).toBeLessThanOrEqual(120);
    }
  });

  test("the version is that of the package", async () => {
    const { version } = JSON.parse(
      readFileSync(resolve(__dirname, "../../package.json"), "utf8"),
    ) as { version: string };
    expect(await typed(["version"])).toEqual({ code: 0, out: `${version}\n`, error: "" });
    expect(await typed(["--version"])).toEqual(await typed(["version"]));
  });
});

describe("completion", () => {
  /** What bash offers after these words. */
  async function offered(...words: readonly string[]): Promise<readonly string[]> {
    const { out } = await typed(["completion", "bash"]);
    const list = words.map(word => JSON.stringify(word)).join(" ");
    const ask = `COMP_WORDS=(${list}); COMP_CWORD=$((\${#COMP_WORDS[@]}-1)); _zero_touch_postgres; printf '%s\\n' "\${COMPREPLY[@]}"`;
    const answer = execFileSync("bash", ["-c", `${out}\n${ask}`], {
      cwd: examples,
      encoding: "utf8",
    });
    return answer.trim().split("\n").sort();
  }

  test.each([
    ["commands", ["re"], ["render", "restore"]],
    ["options of a command", ["validate", "--na"], ["--namespace"]],
    ["choices of an option", ["validate", "-o", "g"], ["github"]],
    ["files", ["render", "-f", "cla"], ["claim.yaml", "classes"]],
    ["folders, where only they will do", ["render", "--output", "cla"], ["classes"]],
    ["shells", ["completion", "z"], ["zsh"]],
    ["nothing where nothing is known", ["explain", "a"], [""]],
  ])("bash offers %s", async (_what, words, expected) => {
    expect(await offered("zero-touch-postgres", ...words)).toEqual(expected);
  });

  test.each(["zsh", "fish"])("%s is told every command and option", async shell => {
    const { out } = await typed(["completion", shell]);
    for (const { name, options } of commands) {
      expect(out).toContain(name);
      for (const option of Object.keys(options)) expect(out).toContain(option);
    }
  });

  for (const shell of ["zsh", "fish"]) {
    const isInstalled = existsSync(`/usr/bin/${shell}`);
    const told = isInstalled ? test : test.skip;
    told(
      `${shell} takes the script${isInstalled ? "" : ": it is not installed here"}`,
      async () => {
        const { out } = await typed(["completion", shell]);
        expect(execFileSync(shell, ["-n"], { input: out, encoding: "utf8" })).toBe("");
      },
    );
  }

  test("a shell that is not known is named", async () => {
    const { code, error } = await typed(["completion", "sh"]);
    expect(code).toBe(2);
    expect(error).toContain('there is no completion for "sh"');
  });
});
