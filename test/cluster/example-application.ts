/** The environment that examples/application.yaml gives to its container, as kubelet would fill it in. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";

type EnvVariable = {
  readonly name: string;
  readonly valueFrom: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
};

type Application = {
  readonly spec: {
    readonly template: {
      readonly spec: { readonly containers: readonly { readonly env: readonly EnvVariable[] }[] };
    };
  };
};

export function exampleVariables(): readonly EnvVariable[] {
  const text = readFileSync(join(__dirname, "../../examples/application.yaml"), "utf8");
  return (parse(text) as Application).spec.template.spec.containers.flatMap(({ env }) => env);
}

/** The variables by name, with the values of the Secret. */
export function exampleEnvironment(
  values: Readonly<Record<string, string>>,
): Readonly<Record<string, string | undefined>> {
  return Object.fromEntries(
    exampleVariables().map(({ name, valueFrom }) => [name, values[valueFrom.secretKeyRef.key]]),
  );
}
