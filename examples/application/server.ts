/**
 * A small web application that keeps orders in PostgreSQL. Of its database it knows what its environment says: PGHOST, PGPORT,
 * PGDATABASE, PGUSER and PGPASSWORD, which examples/application.yaml takes from the connection Secret.
 */
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { Pool } from "pg";

/** In bytes. */
const longestOrder = 1000;
const port = Number(process.env["PORT"] ?? 8080);

// Without words of its own it takes those of the environment: https://www.postgresql.org/docs/current/libpq-envars.html
const pool = new Pool({ max: 5, connectionTimeoutMillis: 5000 });
// A connection that the server ends while nobody uses it, as in a failover: the next query gets another.
pool.on("error", fault => {
  console.error(`a connection was lost: ${fault.message}`);
});

type Answer = { readonly code: number; readonly body: unknown };

async function answerTo(request: IncomingMessage): Promise<Answer> {
  const { method = "", url = "" } = request;
  switch (`${method} ${url}`) {
    case "GET /healthz":
      await pool.query("select 1");
      return { code: 200, body: "ok" };
    case "GET /orders":
      return {
        code: 200,
        body: (await pool.query("select id, what from orders order by id")).rows,
      };
    case "POST /orders":
      return add(await textOf(request));
    default:
      return { code: 404, body: "there are GET /orders, POST /orders and GET /healthz" };
  }
}

async function add(what: string | undefined): Promise<Answer> {
  if (what === undefined) return { code: 413, body: `an order has at most ${longestOrder} bytes` };
  const { rows } = await pool.query("insert into orders (what) values ($1) returning id", [what]);
  return { code: 201, body: rows[0] };
}

/** Undefined where it is too long. */
async function textOf(request: IncomingMessage): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > longestOrder) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

const server = createServer((request, response) => {
  answerTo(request)
    .catch((fault: unknown) => {
      console.error(fault instanceof Error ? fault.message : String(fault));
      return { code: 503, body: "the database does not answer" };
    })
    .then(({ code, body }) => {
      response.writeHead(code, { "content-type": "application/json" }).end(JSON.stringify(body));
    })
    .catch(console.error);
});

async function start(): Promise<void> {
  const columns = "id bigint generated always as identity primary key, what text not null";
  await pool.query(`create table if not exists orders (${columns})`);
  server.listen(port, () => {
    console.log(`listens on port ${(server.address() as AddressInfo).port}`);
  });
}

process.on("SIGTERM", () => {
  server.close(() => void pool.end());
});

start().catch((fault: unknown) => {
  // Kubernetes starts it again, until the database is there.
  console.error(fault instanceof Error ? fault.message : String(fault));
  process.exitCode = 1;
  void pool.end();
});
