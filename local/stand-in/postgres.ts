/** A real PostgreSQL server for each object that asks for one, on a free port of 127.0.0.1, with data in a temporary folder. */
import { execFile } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { access, rename } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

import { binaries, makeTemplate } from "./binaries";
import type { Database, Extension, Identity, Server, Wish } from "./database";
import { makeFolder, removeFolder, serverUser, writeFor } from "./folder";
import type { User } from "./folder";
import { answers, end, freePort, launch, type Settings } from "./launch";
import {
  dropObject,
  hasNoLogin,
  logIn,
  provide,
  provideDatabase,
  provideExtension,
  provideGroupRole,
  setPassword,
} from "./sql";
import type { Login } from "./sql";

const run = promisify(execFile);

/** Where servers come from. */
type Ground = {
  readonly folder: string;
  readonly user: User;
  readonly bin: string;
  readonly template: string;
  readonly superuserPassword: string;
};

type Running = {
  readonly child: ChildProcess;
  readonly admin: Login;
  /** Absent until role and database are there. */
  readonly ownerPassword?: string;
};

/** So many servers are made ready at once: more would only wait for the processor. */
const startsAtOnce = 2;

/** Servers of which `onLost` hears when one ends without having been told to. */
export async function postgres(onLost: (uid: string) => void): Promise<Database> {
  const ground = await prepare();
  const servers = new Map<string, Running>();
  const inTurn = limit(startsAtOnce);
  let closing = false;

  async function start(uid: string, wish: Wish): Promise<void> {
    await stop(uid);
    await inTurn(async () => {
      const data = await dataFolder(ground, uid);
      const settings = await tlsSettings(ground, data, wish.identity);
      const running = await begin(uid, data, settings);
      if (closing) throw new Error("the stand-in is ending");
      await answers(running.child, running.admin, data);
      await provide(running.admin, wish);
      servers.set(uid, { ...running, ownerPassword: wish.password });
    }).catch(async (error: unknown) => {
      await stop(uid);
      throw error;
    });
  }

  async function begin(uid: string, data: string, settings: Settings): Promise<Running> {
    const port = await freePort();
    const child = await launch(ground.bin, data, { ...settings, port: String(port) }, ground.user);
    const { superuserPassword: password } = ground;
    const running = { child, admin: { port, user: "postgres", password, database: "postgres" } };
    servers.set(uid, running);
    child.once("exit", () => {
      if (servers.get(uid)?.child !== child) return;
      servers.delete(uid);
      onLost(uid);
    });
    return running;
  }

  async function login(uid: string, { owner: user, database, password }: Wish): Promise<void> {
    const running = servers.get(uid);
    if (!running) throw new Error("the server has ended");
    if (!hasNoLogin(user)) await logIn({ ...running.admin, user, database, password });
  }

  async function follow(uid: string, wish: Wish): Promise<boolean> {
    const running = servers.get(uid);
    if (!running || running.ownerPassword === wish.password) return false;
    await setPassword(running.admin, wish);
    servers.set(uid, { ...running, ownerPassword: wish.password });
    return true;
  }

  async function identify(uid: string, identity: Identity): Promise<void> {
    const running = servers.get(uid);
    if (!running) return;
    await tlsSettings(ground, join(ground.folder, uid), identity);
    // PostgreSQL reads its files again, without a restart.
    running.child.kill("SIGHUP");
  }

  async function extend(
    uid: string,
    database: string,
    extension: Extension,
  ): Promise<string | undefined> {
    const running = servers.get(uid);
    if (!running) throw new Error("the server has ended");
    return provideExtension({ ...running.admin, database }, extension);
  }

  function adminOf(uid: string): Login {
    const running = servers.get(uid);
    if (!running) throw new Error("the server has ended");
    return running.admin;
  }

  async function admit(uid: string, lines: readonly string[]): Promise<void> {
    const running = servers.get(uid);
    if (!running) return;
    await writeFor(ground.user, join(ground.folder, uid, "pg_hba.conf"), `${lines.join("\n")}\n`);
    running.child.kill("SIGHUP");
  }

  async function stop(uid: string): Promise<void> {
    const running = servers.get(uid);
    servers.delete(uid);
    if (running) await end(running.child);
  }

  async function remove(uid: string): Promise<void> {
    await stop(uid);
    await Promise.all([uid, `${uid}.log`].map(name => removeFolder(join(ground.folder, name))));
  }

  async function close(): Promise<void> {
    closing = true;
    await Promise.all([...servers.keys()].map(stop));
    await removeFolder(ground.folder);
  }

  function server(uid: string): Server | undefined {
    const running = servers.get(uid);
    if (running?.ownerPassword === undefined) return undefined;
    return { address: `127.0.0.1:${running.admin.port}` };
  }

  return {
    ...{ server, start, login, follow, identify, extend, admit, stop, remove, close },
    grant: async (uid, role) => provideGroupRole(adminOf(uid), role),
    found: async (uid, name, owner) => provideDatabase(adminOf(uid), name, owner),
    drop: async (uid, what, name) => dropObject(adminOf(uid), what, name),
  };
}

async function prepare(): Promise<Ground> {
  const user = await serverUser();
  const folder = await makeFolder(user);
  const bin = await binaries(folder, user);
  const superuserPassword = randomBytes(24).toString("hex");
  const template = await makeTemplate({ bin, folder, user }, superuserPassword);
  return { folder, user, bin, template, superuserPassword };
}

/** The data of this uid: what it has already, or a copy of the template, which takes a fifth of an initdb. */
async function dataFolder({ folder, template }: Ground, uid: string): Promise<string> {
  const data = join(folder, uid);
  if (await access(data).then(yes, no)) return data;
  // A copy that was cut short never bears the name of a whole one.
  const copy = `${data}.new`;
  await removeFolder(copy);
  await run("cp", ["-Rp", template, copy]);
  await rename(copy, data);
  return data;
}

/** TLS as CNPG has it (recordings, 01-create: spec.postgresql.parameters). */
async function tlsSettings(
  { user }: Ground,
  data: string,
  identity: Identity | undefined,
): Promise<Settings> {
  if (!identity) return {};
  const files = { certificate: join(data, "server.crt"), key: join(data, "server.key") };
  await writeFor(user, files.certificate, identity.certificate);
  await writeFor(user, files.key, identity.key);
  return {
    ssl: "on",
    ssl_cert_file: files.certificate,
    ssl_key_file: files.key,
    ssl_min_protocol_version: "TLSv1.3",
  };
}

/** Runs at most so many at once; the others wait in the order in which they came. */
function limit(most: number): (work: () => Promise<void>) => Promise<void> {
  const waiting: (() => void)[] = [];
  let free = most;
  return async work => {
    if (free > 0) free--;
    else await new Promise<void>(resolve => waiting.push(resolve));
    try {
      await work();
    } finally {
      const next = waiting.shift();
      if (next) next();
      else free++;
    }
  };
}

const yes = (): boolean => true;
const no = (): boolean => false;
