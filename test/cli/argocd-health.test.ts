/** The health check for Argo CD, run on the statuses that the module writes. Of what is being deleted Argo CD asks no script. */
import { explanations, type Reason } from "../../capabilities/reconcile/reasons";
import { toldOf } from "../told";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { lauxlib, lua, lualib, to_luastring } from "fengari";
import { parse } from "yaml";
import type { Claim } from "../../capabilities/claim/claim";
import { claimKind, databaseClaimKind, group } from "../../capabilities/claim/names";
import { isRecord } from "../../capabilities/claim/schema";
import { statusOf } from "../../capabilities/reconcile/status";

const file = resolve(__dirname, "../../examples/gitops/argocd/health-checks.yaml");
const { data } = parse(readFileSync(file, "utf8")) as { data: Record<string, string> };
const script = data[`resource.customizations.health.${group}_${claimKind}`] ?? "";

test("a database in a shared instance is as healthy as it says by the same script", () => {
  expect(data[`resource.customizations.health.${group}_${databaseClaimKind}`]).toBe(script);
});

/** https://argo-cd.readthedocs.io/en/stable/operator-manual/health/ */
type Health = "Healthy" | "Progressing" | "Degraded" | "Suspended";

/** A value of JSON as Lua writes it. */
function literal(value: unknown): string {
  if (Array.isArray(value)) return `{ ${value.map(literal).join(", ")} }`;
  if (!isRecord(value)) return value === undefined ? "nil" : JSON.stringify(value);
  const fields = Object.entries(value).map(([name, of]) => `["${name}"] = ${literal(of)}`);
  return `{ ${fields.join(", ")} }`;
}

/** With the libraries that Argo CD opens by default, but for its `os` and `package`: neither texts nor mathematics. */
function healthOf(claim: Claim): { readonly status: string; readonly message: string } {
  const state = lauxlib.luaL_newstate();
  lauxlib.luaL_requiref(state, to_luastring("_G"), lualib.luaopen_base, 1);
  lauxlib.luaL_requiref(state, to_luastring("table"), lualib.luaopen_table, 1);
  const code = [
    `obj = ${literal(claim)}`,
    `local health = (function() ${script} end)()`,
    "return health.status, health.message",
  ];
  const loaded = lauxlib.luaL_loadstring(state, to_luastring(code.join("\n")));
  const ended = loaded === lua.LUA_OK ? lua.lua_pcall(state, 0, 2, 0) : loaded;
  if (ended !== lua.LUA_OK) throw new Error(lua.lua_tojsstring(state, -1));
  return { status: lua.lua_tojsstring(state, -2), message: lua.lua_tojsstring(state, -1) };
}

const fresh: Claim = {
  apiVersion: `${group}/v1alpha1`,
  kind: claimKind,
  metadata: { name: "orders-db", namespace: "shop", uid: "1", generation: 2 },
  spec: {},
};

/** A claim whose database is as this reason says, and which lacks nothing else. */
function told(reason: Reason): Claim {
  const cluster = { reason, message: `it is ${reason}` };
  const secret = { reason: "SecretWritten", message: "written" } as const;
  return { ...fresh, status: statusOf(fresh, { told: toldOf(cluster, secret) }, new Date(0)) };
}

const byPhase = {
  Ready: "Healthy",
  Provisioning: "Progressing",
  Pending: "Progressing",
  Failed: "Degraded",
  Deleting: "Progressing",
} as const;

/** Asleep by choice; tried again by the module, so that nobody has to act. */
const exceptions: Partial<Record<Reason, Health>> = {
  Hibernated: "Suspended",
  WriteFailed: "Progressing",
};

const table = Object.entries(explanations).map(([name, { phase }]) => {
  const reason = name as Reason;
  return [reason, exceptions[reason] ?? byPhase[phase]] as const;
});

test.each(table)("a claim that says %s is %s", (reason, expected) => {
  const { status, message } = healthOf(told(reason));
  expect(status).toBe(expected);
  expect(message).toContain(`it is ${reason}`);
});

test("a claim that the module has not seen is progressing", () => {
  const expected = { status: "Progressing", message: "the module has not taken note of it yet" };
  expect(healthOf(fresh)).toEqual(expected);
  expect(healthOf({ ...fresh, status: {} })).toEqual(expected);
});

test.each(["Available", "DatabaseInvalid", "Hibernated"] as const)(
  "what was said before the last change is no health: %s",
  reason => {
    const claim = told(reason);
    const changed = { ...claim, metadata: { ...claim.metadata, generation: 3 } };
    expect(healthOf(changed).status).toBe("Progressing");
  },
);
