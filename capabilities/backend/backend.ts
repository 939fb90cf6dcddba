/** What a backend is: pure functions from a claim to the objects of an operator, and back from those to health and credentials. */
import type { Claim } from "../claim/claim";
import type { Class } from "../claim/class";
import type { KubeObject, Ref, Resource, Secret } from "../claim/kubernetes";

/** How the database is, in the operator's own words where it has any. */
export type Health =
  | { readonly state: "healthy"; readonly message: string }
  | { readonly state: "progressing"; readonly message: string }
  | { readonly state: "hibernated"; readonly message: string }
  | { readonly state: "invalid"; readonly message: string }
  | { readonly state: "failed"; readonly message: string };

/** Values are base64, as in the Secret that they come from: a password is bytes. */
export type Credentials = { readonly username: string; readonly password: string };

export type Backend = {
  /** Name of the operator for messages, and `provider` in the connection secret. */
  readonly operator: string;
  readonly provider: string;
  readonly resource: Resource;
  /** The operator's object for the claim's database. */
  readonly database: (claim: Claim) => Ref;
  /** The Secret in which the operator keeps the credentials that it made. */
  readonly credentials: (claim: Claim) => Ref;
  readonly desired: (claim: Claim, chosen: Class) => KubeObject;
  /** `desired` is what the health is asked of: the object may still show that of an older definition. */
  readonly health: (database: KubeObject, desired: KubeObject) => Health;
  /** Undefined while the Secret is not complete. */
  readonly credentialsOf: (secret: Secret) => Credentials | undefined;
  /** Host name of the primary, in full: it resolves from every namespace. */
  readonly endpoint: (claim: Claim, chosen: Class) => string;
};
