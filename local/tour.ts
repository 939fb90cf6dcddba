// What `npm start` shows: claims on their way to Ready, a login with the mirrored secret, a claim that is refused.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { applicationUrl, exampleVariables, startApplication } from "./example-application";
import type { StandInName } from "./operator";
import type { Outcome, Report } from "./processes";
import { marks } from "./stand-in/marks";
import { until } from "./waiting";

/** The cluster that the tour is given on. */
export interface Site {
  /** Runs kubectl on it. */
  readonly kubectl: (args: readonly string[], input?: string) => Promise<Outcome>;
  /** The operators that are there. */
  readonly operators: readonly StandInName[];
  /** Whether the databases can be reached from this process, by the address that the stand-in notes on each Cluster. */
  readonly isLoopback: boolean;
  /** How long a database may take, in seconds. */
  readonly patience: number;
}

const examples = join(__dirname, "..", "examples");
/** Namespaces that the examples speak of. */
export const namespaces = ["shop", "intelligence-deepagents", "agents"] as const;
const refused = "refused.yaml";
/** A cluster takes a ServiceBinding only where its kind is installed. */
const notApplied = [refused, "application.yaml", "service-binding.yaml"];
/** Examples of a class that another operator than CloudNativePG runs. */
const examplesOf: Readonly<Partial<Record<StandInName, readonly string[]>>> = {
  zalando: ["on-zalando.yaml"],
};

/** The claim of each operator whose Secret is tried. */
export const shown: Readonly<Record<StandInName, Shown>> = {
  cnpg: { kind: "clusters.postgresql.cnpg.io", name: "orders-db", secret: "orders-postgres" },
  zalando: { kind: "postgresqls.acid.zalan.do", name: "reports-db", secret: "reports-postgres" },
};

type Shown = { readonly kind: string; readonly name: string; readonly secret: string };

/** Gives the whole tour; throws what went wrong. */
export async function giveTour(site: Site, report: Report): Promise<void> {
  await applyExamples(site, report);
  await followToReady(site, report);
  for (const name of site.operators) await queryWithSecret(site, shown[name], report);
  if (site.isLoopback && site.operators.includes("cnpg")) await runApplication(site, report);
  await showRefusal(site, report);
}

/** Removes what the tour has made. */
export async function clearAway({ kubectl }: Site): Promise<void> {
  await demand(kubectl(["delete", "namespace", "--ignore-not-found", ...namespaces]));
  await demand(kubectl(["delete", "--ignore-not-found", "-f", join(examples, "classes")]));
}

/** The files of claims whose operator is there. */
function claimFiles({ operators }: Site): readonly string[] {
  const special = Object.values(examplesOf).flat();
  const files = readdirSync(examples).filter(file => file.endsWith(".yaml"));
  const common = files.filter(file => ![...notApplied, ...special].includes(file));
  return operators.flatMap(name => examplesOf[name] ?? common).sort();
}

async function applyExamples(site: Site, report: Report): Promise<void> {
  const { kubectl } = site;
  report("\n# Claims are applied");
  for (const namespace of namespaces) {
    const made = await kubectl(["create", "namespace", namespace]);
    if (made.code !== 0 && !made.stderr.includes("AlreadyExists")) throw new Error(made.stderr);
  }
  for (const file of ["classes", ...claimFiles(site)]) {
    report(`$ kubectl apply -f examples/${file}`);
    report(await demand(kubectl(["apply", "-f", join(examples, file)])));
  }
}

interface Row {
  readonly name: string;
  readonly phase: string;
  readonly message: string;
}

/** Tells each change of each claim, until all are ready. */
async function followToReady({ kubectl, patience }: Site, report: Report): Promise<void> {
  report("\n# Their way to Ready, as it happens");
  const started = Date.now();
  const told = new Map<string, string>();
  await until(
    async () => {
      const rows = await rowsOf(kubectl);
      for (const { name, phase, message } of rows) {
        const line = `${phase.padEnd(12)} ${message}`;
        if (phase === "" || told.get(name) === line) continue;
        told.set(name, line);
        const seconds = ((Date.now() - started) / 1000).toFixed(1).padStart(5);
        report(`${seconds} s  ${name.padEnd(42)} ${line}`);
      }
      return rows.length > 0 && rows.every(({ phase }) => phase === "Ready");
    },
    {
      what: "waiting for the claims to be Ready",
      seconds: patience,
      details: () => [...told].map(([name, line]) => `${name} ${line}`).join("\n"),
    },
  );
  for (const kind of ["pgi", "pgdb"]) {
    report(`$ kubectl get ${kind} --all-namespaces`);
    report(await demand(kubectl(["get", kind, "--all-namespaces"])));
  }
}

async function rowsOf(kubectl: Site["kubectl"]): Promise<readonly Row[]> {
  const condition = "{.status.conditions[?(@.type=='Ready')].message}";
  const row = `{.kind} {.metadata.namespace}/{.metadata.name}{'\\t'}{.status.phase}{'\\t'}${condition}{'\\n'}`;
  const answers = namespaces.map(namespace =>
    demand(
      kubectl([
        "get",
        "pgi,pgdb",
        "--namespace",
        namespace,
        "-o",
        `jsonpath={range .items[*]}${row}{end}`,
      ]),
    ),
  );
  return (await Promise.all(answers))
    .flatMap(text => text.split("\n"))
    .filter(line => line !== "")
    .map(line => {
      const [name = "", phase = "", message = ""] = line.split("\t");
      return { name, phase, message };
    });
}

async function queryWithSecret(site: Site, from: Shown, report: Report): Promise<void> {
  const query =
    "select current_user, current_database(), split_part(version(), ' on ', 1) as version";
  report(`\n# A query with the credentials in Secret shop/${from.secret}`);
  if (!site.isLoopback) {
    report(
      "The database can be reached from inside the cluster only; examples/application.yaml shows how.",
    );
    return;
  }
  const { host, port } = await addressOf(site, from);
  const secret = await secretOf(site, from);
  const client = new Client({
    host,
    port,
    user: secret("username"),
    password: secret("password"),
    database: secret("database"),
  });
  await client.connect();
  const { rows } = await client
    .query<Record<string, unknown>>(query)
    .finally(() => void client.end());
  report(
    `(locally ${secret("endpoint")} does not resolve; the stand-in has it at ${host}:${port})`,
  );
  report(`$ psql -c "${query}"`);
  report(JSON.stringify(rows[0]));
  if (rows[0]?.["current_user"] !== secret("username")) throw new Error("another user logged in");
}

async function addressOf(
  { kubectl }: Site,
  { kind, name }: Shown,
): Promise<{ readonly host: string; readonly port: number }> {
  const path = marks.address.replaceAll(".", "\\.");
  const address = await demand(
    kubectl(["get", kind, name, "-n", "shop", "-o", `jsonpath={.metadata.annotations.${path}}`]),
  );
  const [host = "", port = ""] = address.split(":");
  return { host, port: Number(port) };
}

/** The application that uses the Secret of examples/claim.yaml: a process here, where no kubelet runs its pod. */
async function runApplication(site: Site, report: Report): Promise<void> {
  report("\n# examples/application, with the environment of examples/application.yaml");
  const secret = await secretOf(site, shown.cnpg);
  const keys = exampleVariables().map(({ valueFrom }) => valueFrom.secretKeyRef.key);
  const values = Object.fromEntries(keys.map(key => [key, secret(key)]));
  const application = startApplication(values, await addressOf(site, shown.cnpg));
  try {
    const url = `${await applicationUrl(application)}/orders`;
    const made = await fetch(url, { method: "POST", body: "two of the blue ones" });
    report(`$ curl -d "two of the blue ones" ${url}\n${await made.text()}`);
    const found = await (await fetch(url)).text();
    report(`$ curl ${url}\n${found}`);
    if (!found.includes("two of the blue ones")) throw new Error("the order was not kept");
  } finally {
    application.kill("SIGTERM");
  }
}

/** Gives the value of a key of the connection secret. */
async function secretOf({ kubectl }: Site, { secret }: Shown): Promise<(key: string) => string> {
  const path = "jsonpath={.data}";
  const text = await demand(kubectl(["get", "secret", secret, "-n", "shop", "-o", path]));
  const data = JSON.parse(text) as Readonly<Record<string, string>>;
  return key => Buffer.from(data[key] ?? "", "base64").toString("utf8");
}

async function showRefusal({ kubectl }: Site, report: Report): Promise<void> {
  report("\n# A claim that breaks rules is refused, with all its faults at once");
  report(`$ kubectl apply -f examples/${refused}`);
  const { code, stderr } = await kubectl(["apply", "-f", join(examples, refused)]);
  report(stderr.trimEnd());
  if (code === 0 || !stderr.includes("is refused")) {
    throw new Error(`examples/${refused} was not refused by the webhook`);
  }
}

async function demand(outcome: Promise<Outcome>): Promise<string> {
  const { code, stdout, stderr } = await outcome;
  if (code !== 0) throw new Error(`kubectl: ${stderr.trim()}`);
  return stdout.trimEnd();
}
