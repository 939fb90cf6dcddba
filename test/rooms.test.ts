/** The rooms of capabilities/: which are pure, who may import whom, and what pure code may not touch. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import {
  createSourceFile,
  forEachChild,
  isCallExpression,
  isIdentifier,
  isImportDeclaration,
  isExportDeclaration,
  isNewExpression,
  isPropertyAccessExpression,
  isPropertyAssignment,
  isStringLiteral,
  ScriptTarget,
  SyntaxKind,
  type Node,
  type SourceFile,
} from "typescript";

const capabilities = resolve(__dirname, "../capabilities");

/** From each pure room, the rooms that it may import beside itself. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  kubernetes: [],
  claim: ["kubernetes"],
  operator: ["kubernetes", "claim"],
  pods: ["kubernetes", "claim", "operator"],
  backup: ["kubernetes", "claim", "operator", "pods"],
  access: ["kubernetes", "claim", "operator", "pods"],
  crd: ["kubernetes", "claim", "operator"],
  admission: ["kubernetes", "claim", "operator"],
  reconcile: ["kubernetes", "claim", "operator", "admission", "pods", "backup", "access"],
  work: ["kubernetes", "claim", "operator", "reconcile", "backup"],
};

/** What pure rooms may import beside each other: it computes, and touches nothing outside as it is used. */
const libraries: Readonly<Record<string, readonly string[]>> = { claim: ["croner"] };

/** The shell: it may do anything. Pure rooms know no more of it than its types. */
const shellRooms = ["cluster", "webhook", "pepr"];
const shell = "the shell";

/** Names of the world outside; code is given what it needs as arguments. */
const forbidden = [
  ...["process", "require", "fetch", "console", "performance", "globalThis", "global"],
  ...["setTimeout", "setInterval", "setImmediate", "queueMicrotask", "crypto"],
];

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter(name => name.endsWith(".ts"))
    .map(name => join(folder, name));
}

function parse(file: string, text = readFileSync(file, "utf8")): SourceFile {
  return createSourceFile(file, text, ScriptTarget.ES2022, true);
}

function nodesIn(node: Node): Node[] {
  const children: Node[] = [];
  forEachChild(node, child => {
    children.push(child);
  });
  return [node, ...children.flatMap(nodesIn)];
}

type Import = { readonly from: string; readonly isType: boolean; readonly names: string };

function importOf(node: Node): Import | undefined {
  if (isImportDeclaration(node)) {
    const { moduleSpecifier, importClause } = node;
    const isType = importClause?.isTypeOnly ?? false;
    return { from: textOf(moduleSpecifier), isType, names: importClause?.getText() ?? "" };
  }
  if (isExportDeclaration(node) && node.moduleSpecifier) {
    return { from: textOf(node.moduleSpecifier), isType: node.isTypeOnly, names: "" };
  }
  const isDynamic = isCallExpression(node) && node.expression.kind === SyntaxKind.ImportKeyword;
  return isDynamic ? { from: "import()", isType: false, names: "" } : undefined;
}

function textOf(node: Node): string {
  return isStringLiteral(node) ? node.text : node.getText();
}

/** Why a room may not import this; undefined if it may. */
function importFault(file: string, { from, isType, names }: Import): string | undefined {
  if (from === "node:crypto" && names === "{ createHash }") return undefined;
  const room = roomOf(file);
  if (libraries[room]?.includes(from)) return undefined;
  if (!from.startsWith(".")) return `imports ${from}`;
  const target = roomOf(resolve(dirname(file), from));
  if (target === shell) return isType ? undefined : `imports ${from} of ${shell}`;
  const mayImport = [room, ...(allowed[room] ?? [])];
  return mayImport.includes(target) ? undefined : `imports ${from} of ${target}`;
}

/** Files directly in capabilities/ are of the shell too. */
function roomOf(path: string): string {
  const [folder = "", ...rest] = relative(capabilities, path).split("/");
  return rest.length === 0 || shellRooms.includes(folder) ? shell : folder;
}

/** Whether an identifier stands for what is called so, and is not the name of a field. */
function isFree(node: Node): boolean {
  const { parent } = node;
  const isField = isPropertyAccessExpression(parent) || isPropertyAssignment(parent);
  return !(isField && parent.name === node);
}

const forbiddenMembers = ["Date.now", "Math.random"];

function worldFault(node: Node): string | undefined {
  if (isIdentifier(node)) {
    return forbidden.includes(node.text) && isFree(node) ? `uses ${node.text}` : undefined;
  }
  if (isPropertyAccessExpression(node)) {
    const found = forbiddenMembers.find(member => member === node.getText());
    return found === undefined ? undefined : `uses ${found}`;
  }
  return clockFault(node);
}

/** The time is an argument: `new Date(something)` says nothing of now. */
function clockFault(node: Node): string | undefined {
  if (!isNewExpression(node) && !isCallExpression(node)) return undefined;
  if (node.expression.getText() !== "Date") return undefined;
  const isOfSomething = isNewExpression(node) && (node.arguments ?? []).length > 0;
  return isOfSomething ? undefined : `uses ${node.getText()}`;
}

function faultsOf(source: SourceFile): string[] {
  const name = relative(capabilities, source.fileName);
  return nodesIn(source)
    .flatMap(node => {
      const found = importOf(node);
      return [found && importFault(source.fileName, found), worldFault(node)];
    })
    .filter(fault => fault !== undefined)
    .map(fault => `${name} ${fault}`);
}

const rooms = Object.keys(allowed);
/** Files that are pure without a room. */
const roomless = ["rights.ts"].map(name => join(capabilities, name));
const files = [...rooms.flatMap(room => filesIn(join(capabilities, room))), ...roomless];

test("every folder in capabilities/ is a room", () => {
  const folders = readdirSync(capabilities, { withFileTypes: true }).filter(entry =>
    entry.isDirectory(),
  );
  expect(folders.map(({ name }) => name).sort()).toEqual([...rooms, ...shellRooms].sort());
});

test.each(files.map(file => [relative(capabilities, file), file]))(
  "%s imports only what its room may, and touches nothing outside",
  (_name, file) => {
    expect(faultsOf(parse(file))).toEqual([]);
  },
);

test.each(filesIn(join(capabilities, "pepr")).map(file => [relative(capabilities, file), file]))(
  "%s says what it makes up for, and when it can go",
  (_name, file) => {
    const [header = ""] = readFileSync(file, "utf8").split("*/");
    const words = header.replaceAll(/\s+\*?\s*/g, " ");
    expect(words).toMatch(/Pepr 1\.1\.4: .*\. Goes when /);
  },
);

describe("what a room may not do is found", () => {
  test.each([
    [
      "claim",
      `import { a } from "../admission/review";`,
      "imports ../admission/review of admission",
    ],
    ["kubernetes", `import { a } from "../claim/names";`, "imports ../claim/names of claim"],
    [
      "claim",
      `import { a } from "../operator/operator";`,
      "imports ../operator/operator of operator",
    ],
    [
      "operator",
      `import type { A } from "../reconcile/status";`,
      "imports ../reconcile/status of reconcile",
    ],
    ["reconcile", `import { a } from "../cluster/kube";`, "imports ../cluster/kube of the shell"],
    ["reconcile", `import { a } from "../module";`, "imports ../module of the shell"],
    ["reconcile", `import { Log } from "pepr";`, "imports pepr"],
    ["reconcile", `import { readFileSync } from "node:fs";`, "imports node:fs"],
    [
      "reconcile",
      `import { KubeConfig } from "@kubernetes/client-node";`,
      "imports @kubernetes/client-node",
    ],
    ["reconcile", `import { randomBytes } from "node:crypto";`, "imports node:crypto"],
    ["claim", `export * from "../admission/review";`, "imports ../admission/review of admission"],
    ["claim", `const a = await import("x");`, "imports import()"],
    ["claim", `const a = require("x");`, "uses require"],
    ["claim", `const a = process.env.HOME;`, "uses process"],
    ["claim", `const { env } = process;`, "uses process"],
    ["claim", `const a = Date.now();`, "uses Date.now"],
    ["claim", `const a = new Date();`, "uses new Date()"],
    ["claim", `const a = Date();`, "uses Date()"],
    ["claim", `const random = Math.random;`, "uses Math.random"],
    ["claim", `setTimeout(() => undefined, 1);`, "uses setTimeout"],
  ])("in %s: %s", (room, text, fault) => {
    const file = join(capabilities, room, "probe.ts");
    expect(faultsOf(parse(file, text))).toEqual([`${room}/probe.ts ${fault}`]);
  });

  test.each([
    ["reconcile", `import type { A } from "../cluster/kube";`],
    ["reconcile", `import { a } from "../admission/instance/rules"; import { b } from "./plan";`],
    ["operator/cnpg", `import { a } from "../../claim/names"; import { b } from "../operator";`],
    ["reconcile", `import { createHash } from "node:crypto";`],
    [
      "reconcile",
      `const a = Date.parse("x"); const b = new Date(0); const c = { process: 1 }.process;`,
    ],
  ])("and what it may is let be, in %s: %s", (room, text) => {
    expect(faultsOf(parse(join(capabilities, room, "probe.ts"), text))).toEqual([]);
  });
});
