/** Databases for a program: made, found, awaited and deleted by claims. */
import type { AnyClaim } from "../capabilities/claim/claim";
import { isRecord } from "../capabilities/kubernetes/record";
import type { ClaimRef } from "../capabilities/claim/labels";
import { keyOf, refOf } from "../capabilities/kubernetes/objects";
import { accessTo, type Access } from "./cluster/access";
import { makeBackup, putBack } from "./cluster/backups";
import { existingClaim, notThere, pathOf, unknownKind } from "./cluster/claims";
import { apply, remove } from "./cluster/requests";
import { shortestLook, waitFor, type Waiting } from "./cluster/waiting";
import { claimFor, claimRef, type DatabaseConfig, type DatabaseName } from "./config";
import { connectionTo, type Database } from "./connection";
import { NotFoundError } from "./errors";

export type DatabaseOptions = {
  /** Default: $KUBECONFIG, else ~/.kube/config, else the pod's own account. */
  readonly kubeconfig?: string | undefined;
  /** Context of the kubeconfig. Default: the current one. */
  readonly context?: string | undefined;
  /** Ends the call at once, which then throws the signal's reason. What was asked of the cluster stays asked. */
  readonly abortSignal?: AbortSignal | undefined;
  /** In ms, for the whole call. Default: 10 minutes. */
  readonly timeout?: number | undefined;
  /** Told what the database waits for, when that changes. Never a secret. */
  readonly onProgress?: ((message: string) => void) | undefined;
};

/** In ms: an image that is pulled for the first time takes minutes. */
const usualTimeout = 600_000;
/** Who set the fields, for server-side apply. */
const fieldManager = "zero-touch-postgres-sdk";

/**
 * The database, made if it is not there, and brought to what is asked for if it is. Ends when it serves. Throws a DatabaseError, or
 * the reason of `abortSignal`; the claim stays in either case, and the same call goes on where this one ended.
 */
export async function createDatabase(
  config: DatabaseConfig,
  options: DatabaseOptions = {},
): Promise<Database> {
  const claim = claimFor(config);
  const ref = claimRef(config);
  const { access, waiting } = await start(options);
  const applied = await applyClaim(access, claim);
  if (applied.metadata.deletionTimestamp !== undefined) {
    // One on its way out never gets ready: this is to be another.
    await waitFor(access, ref, waiting("delete"));
    await applyClaim(access, claim);
  }
  return connected(access, ref, waiting("Ready"));
}

/** The database as it is. Throws NotFoundError where there is none, FailedError where it has nothing to connect to yet. */
export async function getDatabase(
  name: DatabaseName,
  options: DatabaseOptions = {},
): Promise<Database> {
  const ref = claimRef(name);
  const { access } = await start(options);
  const claim = await existingClaim(access, ref);
  return connectionTo(access, claim);
}

/** The database once it serves; one that is not there yet is waited for. */
export async function waitForDatabase(
  name: DatabaseName,
  options: DatabaseOptions = {},
): Promise<Database> {
  const ref = claimRef(name);
  const { access, waiting } = await start(options);
  return connected(access, ref, waiting("Ready"));
}

/**
 * Deletes the claim, and ends when it is gone: with it goes **the data**, unless the claim's `deletionPolicy` is Retain, as it is by
 * default in a shared instance. One that is not there is deleted. Throws RefusedError where the claim is protected.
 */
export async function deleteDatabase(
  name: DatabaseName,
  options: DatabaseOptions = {},
): Promise<void> {
  const ref = claimRef(name);
  const { access, waiting } = await start(options);
  await remove(access, pathOf(ref));
  await waitFor(access, ref, waiting("delete"));
}

/** Makes a backup now and gives its name. Throws FailedError where it fails, RefusedError where the claim has no backups. */
export async function backupDatabase(
  name: DatabaseName,
  options: DatabaseOptions = {},
): Promise<string> {
  const { access, waiting } = await start(options);
  const { status } = await makeBackup(access, claimRef(name), waiting("Ready"));
  return status?.backup?.lastSuccess?.name ?? "";
}

/**
 * Puts the database back as it was in a backup, and ends when that is done. **What was written since is in the backup `safety` alone.**
 * Throws FailedError where it could not be put back: the database is as it was before.
 */
export async function restoreDatabase(
  name: DatabaseName,
  {
    from,
    ...options
  }: DatabaseOptions & {
    /** Name of the backup, or `latest`. */
    readonly from: string;
  },
): Promise<{ readonly restored: string; readonly safety: string }> {
  const { access, waiting } = await start(options);
  const { status } = await putBack(access, claimRef(name), from, waiting("Ready"));
  const { restored = from, safety = "" } = status?.restore ?? {};
  return { restored, safety };
}

async function connected(access: Access, ref: ClaimRef, waiting: Waiting): Promise<Database> {
  const claim = await waitFor(access, ref, waiting);
  if (!claim) throw notThere(ref);
  return connectionTo(access, claim);
}

type Start = {
  readonly access: Access;
  readonly waiting: (goal: Waiting["goal"]) => Waiting;
};

async function start(options: DatabaseOptions): Promise<Start> {
  const { kubeconfig, context, abortSignal, timeout = usualTimeout, onProgress } = options;
  abortSignal?.throwIfAborted();
  const deadline = performance.now() + timeout;
  const access = await accessTo({ file: kubeconfig, context, env: process.env });
  const tell = (line: string): void => {
    onProgress?.(line);
  };
  const signal = abortSignal ? { signal: abortSignal } : {};
  return {
    access: { ...access, ...signal, patience: Math.max(timeout, shortestLook) },
    waiting: goal => ({ goal, deadline, tell, atFailure: goal === "Ready" ? "throw" : "wait" }),
  };
}

async function applyClaim(access: Access, claim: AnyClaim): Promise<AnyClaim> {
  const ref = { kind: claim.kind, ...refOf(claim) };
  const { code, body } = await apply(access, pathOf(ref), claim, fieldManager);
  // Of the kind, or of the namespace.
  if (code !== 404) return body as AnyClaim;
  const { kind } = isRecord(body) && isRecord(body.details) ? body.details : {};
  if (kind !== "namespaces") throw unknownKind(access, claim.kind);
  const message = `there is no namespace ${ref.namespace} for claim ${keyOf(ref)}: create it first`;
  throw new NotFoundError(message);
}
