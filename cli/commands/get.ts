/** `get`: claims in a cluster, with what each waits for. */
import type { Claim } from "../../capabilities/claim/claim";
import { isRecord } from "../../capabilities/claim/schema";
import { pathOf, unknownKind, waitsFor } from "../../sdk/cluster/claims";
import type { Access } from "../../sdk/cluster/access";
import type { Table } from "../table";
import { exitCodes, type Arguments, type Command, type ExitCode, type Terminal } from "../command";
import { accessFor, clusterOptions } from "./cluster-options";

export const getCommand: Command = {
  name: "get",
  summary: "Lists claims in a cluster, with what each waits for",
  usage: "[NAME...] [-n NAMESPACE | -A]",
  details: [
    "The columns are kubectl's; the last one is the message of the condition Ready while it is not true.",
  ],
  options: {
    ...clusterOptions,
    "all-namespaces": { short: "A", summary: "Claims of all namespaces" },
  },
  positionals: { least: 0, most: Infinity },
  words: [],
  examples: [
    { what: "Everything that I may see", line: "zero-touch-postgres get -A" },
    { what: "Two claims", line: "zero-touch-postgres get orders-db users-db -n shop" },
  ],
  run: get,
};

async function get(given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const { columns } = await import("../table");
  const access = await accessFor(given, terminal);
  const isEverywhere = given.has("all-namespaces");
  const table = await tableOf(access, isEverywhere ? "" : access.namespace);
  const found = rowsOf(table, isEverywhere);
  const names = given.positionals;
  const wanted = found.rows.filter(({ name }) => names.length === 0 || names.includes(name));
  const absent = names.filter(name => !wanted.some(row => row.name === name));
  if (wanted.length > 0) terminal.out(columns([found.head, ...wanted.map(({ cells }) => cells)]));
  else terminal.error(`no claims${isEverywhere ? "" : ` in namespace ${access.namespace}`}\n`);
  for (const name of absent) terminal.error(`there is no claim ${access.namespace}/${name}\n`);
  return absent.length > 0 ? exitCodes.refused : exitCodes.success;
}

async function tableOf(access: Access, namespace: string): Promise<Table> {
  const { read } = await import("../../sdk/cluster/requests");
  const path = `${pathOf({ name: "", namespace })}?includeObject=Object`;
  const { code, body } = await read(access, path, "table");
  if (code === 404 || !isRecord(body)) throw unknownKind(access);
  return body as Table;
}

type Row = { readonly name: string; readonly cells: readonly string[] };

function rowsOf(
  { columnDefinitions, rows }: Table,
  isEverywhere: boolean,
): { readonly head: readonly string[]; readonly rows: readonly Row[] } {
  const shown = columnDefinitions.flatMap(({ priority }, index) => (priority === 0 ? [index] : []));
  const head = shown.map(index => (columnDefinitions[index]?.name ?? "").toUpperCase());
  return {
    head: [...(isEverywhere ? ["NAMESPACE"] : []), ...head, "WAITS FOR"],
    rows: rows.map(({ cells, object }) => {
      // The API server was asked for the whole object with each row.
      const claim = object as Claim;
      const texts = shown.map(index => cellText(cells[index]));
      const namespace = isEverywhere ? [claim.metadata.namespace ?? ""] : [];
      return { name: claim.metadata.name, cells: [...namespace, ...texts, waitsFor(claim)] };
    }),
  };
}

/** Cells are texts and numbers; null where a claim has no value. */
function cellText(cell: unknown): string {
  return typeof cell === "string" || typeof cell === "number" ? String(cell) : "";
}
