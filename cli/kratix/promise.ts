/** kratix/promise.yaml as an object: https://docs.kratix.io/main/reference/promises/intro. `npm run golden` writes the file. */
import { definitions } from "../../capabilities/crd/crd";
import { requestResource } from "../../capabilities/reconcile/request-health";
import { destinationLabels } from "./choices";
import { promiseName, requestRules, requestSpecSchema } from "./request-schema";

const { group, version: requestVersion, kind, plural } = requestResource;

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
    metadata: { name: `${plural}.${group}` },
    spec: {
      group,
      scope: "Namespaced",
      names: { kind, plural, singular: kind.toLowerCase() },
      versions: [
        {
          name: requestVersion,
          served: true,
          storage: true,
          additionalPrinterColumns: columns,
          schema: {
            openAPIV3Schema: {
              type: "object",
              required: ["spec"],
              // Kratix adds the status by itself.
              properties: {
                spec: { ...requestSpecSchema, "x-kubernetes-validations": requestRules },
              },
            },
          },
        },
      ],
    },
  };
}

/** In the place of Kratix's own two. */
const columns = [
  { name: "Size", type: "string", jsonPath: ".spec.size" },
  { name: "Version", type: "string", jsonPath: ".spec.version" },
  { name: "Health", type: "string", jsonPath: ".status.healthStatus.state" },
  {
    name: "Status",
    type: "string",
    jsonPath: '.status.conditions[?(@.type=="Reconciled")].message',
  },
  { name: "Message", type: "string", jsonPath: ".status.message" },
] as const;

/**
 * What GitOps agents leave in place when its file goes: with its CRD every claim of a destination goes, whoever made it, and with the
 * claims their databases. https://argo-cd.readthedocs.io/en/stable/user-guide/sync-options/ and
 * https://fluxcd.io/flux/components/kustomize/kustomizations/#prune
 */
const keptAnnotations = {
  "argocd.argoproj.io/sync-options": "Prune=false,Delete=false",
  "kustomize.toolkit.fluxcd.io/prune": "disabled",
} as const;

/** The object so that no agent prunes it. */
export function kept<T extends Prunable>(object: T): T {
  const { annotations } = object.metadata;
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...annotations, ...keptAnnotations } },
  };
}

type Prunable = { readonly metadata: { readonly name: string; readonly annotations?: object } };

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
      // What fails all the same is not tried for minutes: it is told in 6 s instead of 5 min 46 s (seen with Kratix 0.125).
      jobOptions: { backoffLimit: 0 },
      restartPolicy: "Never",
      containers: [{ name: "postgresql", image, volumeMounts: [classes], securityContext }],
    },
  };
}

/** The Promise of this version of the program, with this image for its pipelines. */
export function promise(version: string, image: string): unknown {
  return {
    apiVersion: "platform.kratix.io/v1alpha1",
    kind: "Promise",
    metadata: { name: promiseName, labels: { "kratix.io/promise-version": `v${version}` } },
    spec: {
      destinationSelectors: [{ matchLabels: destinationLabels }],
      api: definition(),
      // The module registers them too; claims may arrive before it.
      dependencies: definitions.map(kept),
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
