/** kratix/promise.yaml as an object: https://docs.kratix.io/main/reference/promises/intro. `npm run golden` writes the file. */
import { definitions } from "../../capabilities/crd/crd";
import { destinationLabels } from "./choices";
import { requestGroup, requestKind, requestSpecSchema, requestVersion } from "./request-schema";

const plural = "postgresqls";

/** What the pipeline's container may do: nothing but read its input and write its output. */
const securityContext = {
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
} as const;

/** The platform's classes reach the pipeline by a ConfigMap in its namespace; without one the built-in class applies. */
const classesVolume = {
  name: "classes",
  configMap: { name: "postgresql-classes", optional: true },
};

function definition(): unknown {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `${plural}.${requestGroup}` },
    spec: {
      group: requestGroup,
      scope: "Namespaced",
      names: { kind: requestKind, plural, singular: requestKind.toLowerCase() },
      versions: [
        {
          name: requestVersion,
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: "object",
              required: ["spec"],
              // Kratix adds the status by itself.
              properties: { spec: requestSpecSchema },
            },
          },
        },
      ],
    },
  };
}

/** The image's entry point is the pipeline. It asks the API server for nothing, so it gets no rights there. */
function pipeline(name: string, image: string): unknown {
  const classes = {
    name: classesVolume.name,
    mountPath: "/etc/zero-touch-postgres/classes",
    readOnly: true,
  };
  return {
    apiVersion: "platform.kratix.io/v1alpha1",
    kind: "Pipeline",
    metadata: { name },
    spec: {
      rbac: { permissions: [] },
      volumes: [classesVolume],
      containers: [{ name: "postgresql", image, volumeMounts: [classes], securityContext }],
    },
  };
}

/** The Promise of this version of the program, with this image for its pipelines. */
export function promise(version: string, image: string): unknown {
  return {
    apiVersion: "platform.kratix.io/v1alpha1",
    kind: "Promise",
    metadata: { name: "postgresql", labels: { "kratix.io/promise-version": `v${version}` } },
    spec: {
      destinationSelectors: [{ matchLabels: destinationLabels }],
      api: definition(),
      // The module registers them too; claims may arrive before it.
      dependencies: definitions,
      workflows: {
        promise: {
          configure: [pipeline("promise-configure", image)],
          delete: [pipeline("promise-delete", image)],
        },
        resource: {
          configure: [pipeline("resource-configure", image)],
          delete: [pipeline("resource-delete", image)],
        },
      },
    },
  };
}
