/**
 * Plays the runtime of Service Binding over the objects that it is given, by the words of its specification:
 * https://servicebinding.io/spec/core/1.1.0/#reconciler-implementation
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Claim } from "../capabilities/claim/claim";
import { documentsOf } from "../cli/input/documents";
import type { KubeObject } from "../capabilities/kubernetes/objects";

export type EnvMapping = { readonly name: string; readonly key: string };

type Reference = { readonly apiVersion: string; readonly kind: string; readonly name: string };

export type ServiceBinding = KubeObject & {
  readonly spec: {
    readonly name?: string;
    readonly service: Reference;
    readonly workload: Reference;
    readonly env?: readonly EnvMapping[];
  };
};

type EnvVariable = { readonly name: string; readonly value?: string; readonly valueFrom?: unknown };

type Container = {
  readonly name: string;
  readonly env?: readonly EnvVariable[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
};

type PodSpec = { readonly containers: readonly Container[]; readonly volumes?: readonly unknown[] };

export type Workload = KubeObject & {
  readonly spec: { readonly template: { readonly spec: PodSpec } };
};

export type Example = {
  readonly claim: Claim;
  readonly binding: ServiceBinding;
  readonly workload: Workload;
};

/** What examples/service-binding.yaml has, in the order that it has it. */
export function exampleObjects(): Example {
  const file = "examples/service-binding.yaml";
  const text = readFileSync(join(__dirname, "..", file), "utf8");
  const [claim, binding, workload] = documentsOf(file, text).documents.map(({ value }) => value);
  return {
    claim: claim as Claim,
    binding: binding as ServiceBinding,
    workload: workload as Workload,
  };
}

const rootVariable = "SERVICE_BINDING_ROOT";
/** What the specification recommends. */
const usualRoot = "/bindings";

/** The workload with the Secret in all its containers: as a folder of files, and by the variables that are asked for. */
export function bound(workload: Workload, binding: ServiceBinding, secret: string): Workload {
  const { template } = workload.spec;
  const { containers, volumes = [] } = template.spec;
  const volume = { name: binding.metadata.name, secret: { secretName: secret } };
  const spec = {
    ...template.spec,
    volumes: [...volumes, volume],
    containers: containers.map(one => boundContainer(one, binding, secret)),
  };
  return { ...workload, spec: { ...workload.spec, template: { ...template, spec } } };
}

function boundContainer(container: Container, binding: ServiceBinding, secret: string): Container {
  const { env = [], volumeMounts = [] } = container;
  const root = env.find(({ name }) => name === rootVariable)?.value;
  const mapped = (binding.spec.env ?? []).map(({ name, key }) => ({
    name,
    valueFrom: { secretKeyRef: { name: secret, key } },
  }));
  const mountPath = `${root ?? usualRoot}/${binding.spec.name ?? binding.metadata.name}`;
  return {
    ...container,
    env: [
      ...env,
      ...(root === undefined ? [{ name: rootVariable, value: usualRoot }] : []),
      ...mapped,
    ],
    volumeMounts: [...volumeMounts, { name: binding.metadata.name, mountPath }],
  };
}

/** What is against a Secret as one to bind to: https://servicebinding.io/spec/core/1.1.0/#well-known-secret-entries */
export function bindingFaults(values: Readonly<Record<string, string>>): readonly string[] {
  const { type = "", provider = "", host = "", port = "", uri = "" } = values;
  const rules: readonly (readonly [string, boolean])[] = [
    ["type says nothing", type !== ""],
    ["provider says nothing", provider !== ""],
    ["host is no name in DNS", /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/.test(host)],
    ["port is no port", /^[0-9]+$/.test(port) && Number(port) > 0 && Number(port) < 65536],
    ["uri is none", URL.canParse(uri)],
    ["username is missing", Boolean(values["username"])],
    ["password is missing", Boolean(values["password"])],
    ...Object.keys(values).map(
      key => [`${key} cannot be a file's name`, /^[a-z0-9\-.]{1,253}$/.test(key)] as const,
    ),
    // Both are for clients with certificates of their own.
    ["certificates is no client's", values["certificates"] === undefined],
    ["private-key is no client's", values["private-key"] === undefined],
  ];
  return rules.filter(([, isKept]) => !isKept).map(([fault]) => fault);
}
