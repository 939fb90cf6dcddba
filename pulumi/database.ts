/** Databases as components: a claim that Pulumi waits for, and what its connection secret says. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import type { AnyClaim } from "../capabilities/claim/claim";
import { claimResource, databaseClaimResource, identifierOf } from "../capabilities/claim/names";
import { apiVersionOf, keyOf, refOf, type Resource } from "../capabilities/kubernetes/objects";
import { claimFor, claimRef, type DatabaseConfig } from "../sdk/config";
import { environmentOf, type EnvVar } from "./environment";
import { typeOf } from "./package-name";

/** Each word may be the output of another resource. */
type Inputs<T> = { readonly [K in keyof T]: pulumi.Input<T[K]> };

/** Words of an instance of one's own: those of `createDatabase` in zero-touch-postgres/sdk. `name` is the resource's where it is left out. */
export type PostgresInstanceArgs = Inputs<
  Partial<Omit<DatabaseConfig, "instance" | "connectionLimit">>
>;

/** Words of a database in an instance that is there: `instance` names it, as `home` or `platform/home`. */
export type PostgresDatabaseArgs = Inputs<
  Partial<
    Pick<
      DatabaseConfig,
      | "name"
      | "namespace"
      | "claim"
      | "owner"
      | "extensions"
      | "secret"
      | "connectionLimit"
      | "deletionPolicy"
      | "deletionProtection"
    >
  >
> & { readonly instance: pulumi.Input<string> };

/**
 * Has Pulumi wait until the claim serves:
 * https://www.pulumi.com/registry/packages/kubernetes/installation-configuration/#kubernetes-custom-resources
 */
const waiting = { "pulumi.com/waitFor": "condition=Ready" };

/** An image that is pulled for the first time takes minutes. */
const timeout = "10m";

/** What both components give. What is secret is so to Pulumi, which encrypts it in the state. */
abstract class ClaimedDatabase extends pulumi.ComponentResource {
  /** A URI with user and password. */
  readonly connectionString: pulumi.Output<string>;
  /** Resolves from every namespace of the cluster. */
  readonly host: pulumi.Output<string>;
  readonly port: pulumi.Output<number>;
  readonly database: pulumi.Output<string>;
  readonly username: pulumi.Output<string>;
  readonly password: pulumi.Output<string>;
  readonly secretName: pulumi.Output<string>;
  readonly namespace: pulumi.Output<string>;
  /** Namespace and name of the claim, once it is Ready: the `instance` of a database in it, which so comes after it and goes before. */
  readonly claim: pulumi.Output<string>;
  /** Where all this stands: it is read, not made. */
  readonly secret: kubernetes.core.v1.Secret;

  protected constructor(
    resource: Resource,
    name: string,
    args: Inputs<Partial<DatabaseConfig>>,
    opts: pulumi.ComponentResourceOptions | undefined,
  ) {
    super(typeOf(resource.kind), name, {}, opts);
    const claim = pulumi
      .output(args)
      .apply(words => claimFor({ ...words, name: words.name ?? name }));
    const made = claimed(name, claim, resource, this);
    // Nothing is known of the Secret before the claim has it written.
    const ready = pulumi.all([claim, made.id]).apply(([found]) => found);
    const place = ready.apply(({ metadata, ...rest }) => {
      const { name: secretName } = rest.writeConnectionSecretToRef ?? { name: "" };
      return { name: secretName, namespace: metadata.namespace ?? "" };
    });
    this.secret = kubernetes.core.v1.Secret.get(name, place.apply(keyOf), { parent: this });
    const value = (key: string): pulumi.Output<string> => valueIn(this.secret, key);
    this.connectionString = pulumi.secret(value("uri"));
    this.password = pulumi.secret(value("password"));
    this.host = pulumi.unsecret(value("host"));
    this.port = pulumi.unsecret(value("port")).apply(Number);
    this.username = pulumi.unsecret(value("username"));
    this.database = pulumi.unsecret(value("database"));
    this.secretName = place.apply(ref => ref.name);
    this.claim = ready.apply(found => keyOf(refOf(found)));
    this.namespace = place.apply(ref => ref.namespace);
    this.registerOutputs(this.outputs());
  }

  /** What the component's state says of it. */
  outputs(): Readonly<Record<string, pulumi.Output<unknown>>> {
    const { connectionString, host, port, database, username, password } = this;
    const { secretName, namespace, claim } = this;
    return {
      ...{ connectionString, host, port, database, username, password },
      ...{ secretName, namespace, claim },
    };
  }

  /** The six variables of the connection, for any container in the database's namespace: `prefix` stands before each name. */
  env({ prefix }: { readonly prefix?: string } = {}): EnvVar[] {
    return environmentOf(this.secretName, prefix);
  }
}

function claimed(
  name: string,
  claim: pulumi.Output<AnyClaim>,
  resource: Resource,
  parent: pulumi.Resource,
): kubernetes.apiextensions.CustomResource {
  return new kubernetes.apiextensions.CustomResource(
    name,
    {
      apiVersion: apiVersionOf(resource),
      kind: resource.kind,
      metadata: claim.apply(found => ({ ...refOf(found), annotations: waiting })),
      spec: claim.apply(({ spec }) => spec),
      writeConnectionSecretToRef: claim.apply(found => found.writeConnectionSecretToRef),
    },
    { parent, customTimeouts: { create: timeout, update: timeout } },
  );
}

function valueIn({ data }: kubernetes.core.v1.Secret, key: string): pulumi.Output<string> {
  return data.apply(values => Buffer.from(values[key] ?? "", "base64").toString("utf8"));
}

/** An instance of PostgreSQL of one's own, with a database in it. */
export class PostgresInstance extends ClaimedDatabase {
  constructor(
    name: string,
    args: PostgresInstanceArgs = {},
    opts?: pulumi.ComponentResourceOptions,
  ) {
    super(claimResource, name, args, opts);
  }
}

/** A database in an instance that holds those of several. */
export class PostgresDatabase extends ClaimedDatabase {
  constructor(name: string, args: PostgresDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super(databaseClaimResource, name, args, opts);
  }
}

export type DatabaseResult = Pick<
  ClaimedDatabase,
  "connectionString" | "host" | "port" | "username" | "password" | "secret"
> & {
  /** Its name. */
  readonly database: string;
};

/** A database by one call: in the instance that `instance` names, else in one of its own. */
export function createDatabase(
  config: DatabaseConfig,
  opts?: pulumi.ComponentResourceOptions,
): DatabaseResult {
  // Words that are wrong are told before anything is made.
  const { name, namespace } = claimRef(config);
  const { instance, ...words } = config;
  const made =
    instance === undefined
      ? new PostgresInstance(`${namespace}-${name}`, words, opts)
      : new PostgresDatabase(`${namespace}-${name}`, { ...words, instance }, opts);
  const { connectionString, host, port, username, password, secret } = made;
  const database = identifierOf(config.name);
  return { connectionString, host, port, username, password, secret, database };
}
