/** The environment by which a container finds its database. */
import type { types } from "@pulumi/kubernetes";
import type { Input } from "@pulumi/pulumi";
import { variables } from "../capabilities/claim/environment";

export type EnvVar = types.input.core.v1.EnvVar;

/** A variable for each word of a connection secret, read from it when the container starts. */
export function environmentOf(secretName: Input<string>, prefix = ""): EnvVar[] {
  return Object.entries(variables).map(([name, key]) => ({
    name: `${prefix}${name}`,
    valueFrom: { secretKeyRef: { name: secretName, key } },
  }));
}
