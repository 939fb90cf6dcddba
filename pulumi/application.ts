/** An application with its databases: a Deployment whose containers find them in their environment. */
import * as kubernetes from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { prefixOf } from "../capabilities/claim/environment";
import { ConfigurationError } from "../sdk/errors";
import {
  PostgresDatabase,
  PostgresInstance,
  type PostgresInstanceArgs,
  type PostgresDatabaseArgs,
} from "./database";
import type { EnvVar } from "./environment";
import { typeOf } from "./package-name";

/** A database of the application: in its own namespace, and its own instance unless `instance` names one. */
export type ApplicationDatabase = { readonly name: string } & Omit<
  PostgresInstanceArgs & Partial<PostgresDatabaseArgs>,
  "name" | "namespace"
>;

export type ApplicationArgs = {
  readonly image: pulumi.Input<string>;
  /** Namespace of the application, which has to be there. Default: "default". */
  readonly namespace?: pulumi.Input<string>;
  /** Port that the container serves, if it serves one: it gets a Service. */
  readonly port?: number;
  readonly replicas?: pulumi.Input<number>;
  /** Further variables. */
  readonly env?: readonly EnvVar[];
  readonly database?: ApplicationDatabase;
  /** The first has the plain variables; those of each further one bear its name, as `AUDIT_PGHOST`. */
  readonly databases?: readonly ApplicationDatabase[];
  /** Of the container. Default: as PodSecurity `restricted` asks. */
  readonly securityContext?: pulumi.Input<kubernetes.types.input.core.v1.SecurityContext>;
};

/** https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted */
const restricted = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  runAsNonRoot: true,
  seccompProfile: { type: "RuntimeDefault" },
};

export class Application extends pulumi.ComponentResource {
  readonly databases: readonly (PostgresInstance | PostgresDatabase)[];
  readonly deployment: kubernetes.apps.v1.Deployment;
  /** Undefined where the application serves no port. */
  readonly service: kubernetes.core.v1.Service | undefined;

  constructor(name: string, args: ApplicationArgs, opts?: pulumi.ComponentResourceOptions) {
    super(typeOf("Application"), name, {}, opts);
    const { namespace = "default" } = args;
    const asked = databasesOf(args);
    this.databases = asked.map(one => databaseOf(`${name}-${one.name}`, one, namespace, this));
    const env = this.databases.flatMap((database, index) =>
      database.env(index === 0 ? {} : { prefix: prefixOf(asked[index]?.name ?? "") }),
    );
    const parts: Parts = { name, namespace, labels: { "app.kubernetes.io/name": name } };
    this.deployment = deploymentOf(parts, args, env, this);
    this.service = args.port === undefined ? undefined : serviceOf(parts, args.port, this);
    this.registerOutputs({ databases: this.databases.map(({ secretName }) => secretName) });
  }
}

function databasesOf({ database, databases }: ApplicationArgs): readonly ApplicationDatabase[] {
  if (database && databases) {
    throw new ConfigurationError("database and databases are both given: keep one of them");
  }
  return databases ?? (database ? [database] : []);
}

function databaseOf(
  resource: string,
  { instance, ...words }: ApplicationDatabase,
  namespace: pulumi.Input<string>,
  parent: pulumi.Resource,
): PostgresInstance | PostgresDatabase {
  const asked = { ...words, namespace };
  return instance === undefined
    ? new PostgresInstance(resource, asked, { parent })
    : new PostgresDatabase(resource, { ...asked, instance }, { parent });
}

type Parts = {
  readonly name: string;
  readonly namespace: pulumi.Input<string>;
  readonly labels: Readonly<Record<string, string>>;
};

function deploymentOf(
  { name, namespace, labels }: Parts,
  { image, port, replicas = 1, env = [], securityContext = restricted }: ApplicationArgs,
  own: readonly EnvVar[],
  parent: pulumi.Resource,
): kubernetes.apps.v1.Deployment {
  const container = {
    ...{ name, image, env: [...own, ...env], securityContext },
    ...(port === undefined ? {} : { ports: [{ containerPort: port }] }),
  };
  return new kubernetes.apps.v1.Deployment(
    name,
    {
      metadata: { name, namespace, labels },
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    },
    { parent },
  );
}

function serviceOf(
  { name, namespace, labels }: Parts,
  port: number,
  parent: pulumi.Resource,
): kubernetes.core.v1.Service {
  return new kubernetes.core.v1.Service(
    name,
    { metadata: { name, namespace, labels }, spec: { selector: labels, ports: [{ port }] } },
    { parent },
  );
}
