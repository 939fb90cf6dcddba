/** `get`: claims in a cluster, with what each waits for. */
import type { AnyClaim } from "../../capabilities/claim/claim";
import type { ClaimRef } from "../../capabilities/claim/labels";
import { claimKind, claimResources } from "../../capabilities/claim/names";
import { keyOf } from "../../capabilities/kubernetes/objects";
import { isRecord } from "../../capabilities/claim/schema";
import { pathOf, unknownKind, waitsFor } from "../../sdk/cluster/claims";
import type { Access } from "../../sdk/cluster/access";
import type { Table } from "../table";
import { exitCodes, type Arguments, type Command, type ExitCode, type Terminal } from "../command";
import { claimNameDetail, namedClaim } from "./claim-names";
import { accessFor, clusterOptions } from "./cluster-options";

export const getCommand: Command = {
  name: "get",
  summary: "Lists claims in a cluster, with what each waits for",
  usage: "[NAME...] [-n NAMESPACE | -A]",
  details: [
    "The columns are kubectl's; the last one is the message of the condition Ready while it is not true.",
    claimNameDetail,
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
  const wanted = given.positionals.map(name => namedClaim(getCommand, name, access.namespace));
  const tables = await tablesOf(access, isEverywhere ? "" : access.namespace);
  const found = tables.map(({ kind, table }) => {
    const { head, rows } = rowsOf(table, isEverywhere);
    const isWanted = ({ name }: Row): boolean =>
      wanted.length === 0 || wanted.some(one => one.kind === kind && one.name === name);
    return { kind, head, rows: rows.filter(isWanted) };
  });
  const shown = found.filter(({ rows }) => rows.length > 0);
  const texts = shown.map(({ head, rows }) => columns([head, ...rows.map(({ cells }) => cells)]));
  if (texts.length > 0) terminal.out(texts.join("\n"));
  else terminal.error(`no claims${isEverywhere ? "" : ` in namespace ${access.namespace}`}\n`);
  const absent = wanted.filter(
    ({ kind, name }) =>
      !found.some(one => one.kind === kind && one.rows.some(row => row.name === name)),
  );
  for (const ref of absent) terminal.error(`there is no ${nameOf(ref)}\n`);
  return absent.length > 0 ? exitCodes.refused : exitCodes.success;
}

function nameOf({ kind, ...ref }: ClaimRef): string {
  return `${kind === claimKind ? "claim" : kind} ${keyOf(ref)}`;
}

type KindTable = { readonly kind: string; readonly table: Table };

/** One for each kind. A module of before November 2026 knows instances alone. */
async function tablesOf(access: Access, namespace: string): Promise<readonly KindTable[]> {
  const tables = await Promise.all(
    claimResources.map(async ({ kind }) => ({
      kind,
      table: await tableOf(access, kind, namespace),
    })),
  );
  const known = tables.filter((one): one is KindTable => one.table !== undefined);
  if (!known.some(({ kind }) => kind === claimKind)) throw unknownKind(access);
  return known;
}

async function tableOf(
  access: Access,
  kind: string,
  namespace: string,
): Promise<Table | undefined> {
  const { read } = await import("../../sdk/cluster/requests");
  const path = `${pathOf({ kind, name: "", namespace })}?includeObject=Object`;
  const { code, body } = await read(access, path, "table");
  return code === 404 || !isRecord(body) ? undefined : (body as Table);
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
      const claim = object as AnyClaim;
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
