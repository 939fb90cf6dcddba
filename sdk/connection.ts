/** How to connect to a claim's database, password and all: as its Secret has it. */
import type { AnyClaim } from "../capabilities/claim/claim";
import { databaseAndOwner } from "../capabilities/claim/database";
import { keyOf, type Ref } from "../capabilities/kubernetes/objects";
import { loginIn } from "../capabilities/operator/login";
import { postgresPort } from "../capabilities/operator/login";
import { urisTo } from "../capabilities/reconcile/connection/connection-secret";
import type { Access } from "./cluster/access";
import { secretOf, toldBy, waitsFor } from "./cluster/claims";
import { secretData } from "./cluster/secrets";
import { FailedError, NotFoundError } from "./errors";

/** Where a database is, as far as no Secret has to be read. */
export type Place = Pick<Database, "host" | "port" | "database" | "secret">;

export type Database = {
  /** A URI with user and password: a secret, as `password` is. */
  readonly connectionString: string;
  /** Resolves from every namespace of the cluster. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly username: string;
  readonly password: string;
  /** Where all this stands, for a workload to refer to. */
  readonly secret: Ref;
};

/** Throws FailedError where the claim has nothing to connect to yet. */
export function placeOf(claim: AnyClaim): Place {
  const host = claim.status?.endpoint;
  const secret = secretOf(claim);
  if (host === undefined || !secret) {
    const message = `claim ${claim.metadata.name} has nothing to connect to yet; it waits for ${waitsFor(claim)}`;
    throw new FailedError(message, toldBy(claim));
  }
  const { database } = databaseAndOwner(claim);
  return { host, port: postgresPort, database, secret };
}

/** Reads the claim's Secret. Throws where the claim has nothing to connect to yet. */
export async function connectionTo(access: Access, claim: AnyClaim): Promise<Database> {
  const place = placeOf(claim);
  const { host, database, secret } = place;
  const { uri = "", ...data } = await secretData(access, secret);
  const login = loginIn({ apiVersion: "v1", kind: "Secret", metadata: secret, data });
  if (!login) throw new NotFoundError(`Secret ${keyOf(secret)} has no username or no password yet`);
  // The URI in an operator's own Secret may be of an earlier password.
  const isOurs = claim.status?.connectionSecretRef !== undefined;
  return {
    connectionString: isOurs ? decode(uri) : urisTo(host, database, login, undefined).uri,
    ...place,
    ...{ username: decode(login.username), password: decode(login.password) },
  };
}

function decode(base64: string): string {
  return Buffer.from(base64, "base64").toString("utf8");
}
