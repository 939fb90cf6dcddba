/** The capability: one line per binding. What Pepr brings only wakes the module's own feeds. */
import { a, Capability } from "pepr";
import { claimResource, databaseClaimResource } from "./claim/names";
import { secretResource, type KubeObject, type Resource } from "./kubernetes/objects";
import { operators } from "./operator/operators";
import { slim } from "./pepr/copy";
import { PostgresClass, PostgresDatabase, PostgresInstance, registerKinds } from "./pepr/kinds";
import type { Admission } from "./webhook/admission";

/** What the bindings hand on to. */
export type Handlers = {
  readonly instances: Admission;
  readonly databases: Admission;
  readonly classes: Admission;
  readonly heard: (resource: Resource, object: KubeObject) => void;
};

registerKinds();

/** The capability over its handlers. `pepr build` reads the bindings and calls none of them. */
export function createCapability({ instances, databases, classes, heard }: Handlers): Capability {
  const postgres = new Capability({
    name: "postgres",
    description:
      "PostgreSQL by claim: databases and connection Secrets for PostgresInstances and PostgresDatabases",
  });
  const { When } = postgres;

  /** A nudge: the feed has the object, or is woken to fetch it. */
  const nudge =
    (resource: Resource) =>
    (seen: object): void => {
      const object = seen as KubeObject;
      heard(resource, object);
      slim(object);
    };

  When(PostgresInstance)
    .IsCreatedOrUpdated()
    .Mutate(instances.mutate)
    .Validate(instances.validate)
    .Watch(nudge(claimResource));

  When(PostgresInstance).IsDeleted().Validate(instances.validateDeletion);

  When(PostgresDatabase)
    .IsCreatedOrUpdated()
    .Mutate(databases.mutate)
    .Validate(databases.validate)
    .Watch(nudge(databaseClaimResource));

  When(PostgresDatabase).IsDeleted().Validate(databases.validateDeletion);

  When(PostgresClass).IsCreatedOrUpdated().Mutate(classes.mutate).Validate(classes.validate);

  When(PostgresClass).IsDeleted().Validate(classes.validateDeletion);

  for (const { credentials } of Object.values(operators)) {
    const { name, value } = credentials.followed;
    When(a.Secret).IsCreatedOrUpdated().WithLabel(name, value).Reconcile(nudge(secretResource));
  }

  return postgres;
}
