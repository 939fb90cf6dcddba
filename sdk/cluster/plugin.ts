/** Credentials of a plugin: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { isRecord } from "../../capabilities/kubernetes/record";
import { ConfigurationError } from "../errors";
import { messageOf } from "../fault";

export type Credential = {
  readonly token?: string;
  readonly cert?: string;
  readonly key?: string;
};

type Fields = Readonly<Record<string, unknown>>;

/** Asks the plugin. What it prints is a secret and is told to no one. */
export async function pluginCredential(
  plugin: Fields,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Credential> {
  const { command, args } = plugin;
  if (typeof command !== "string") throw failure("the kubeconfig's exec plugin names no command");
  const words = Array.isArray(args) ? args.map(String) : [];
  const info = {
    apiVersion: plugin.apiVersion,
    kind: "ExecCredential",
    spec: { interactive: false },
  };
  const given = { ...env, ...variables(plugin), KUBERNETES_EXEC_INFO: JSON.stringify(info) };
  const printed = await promisify(execFile)(command, words, { env: given }).catch(
    (fault: unknown) => {
      throw failure(`the kubeconfig's exec plugin failed: ${messageOf(fault)}`);
    },
  );
  return credentialIn(printed.stdout, command);
}

function variables({ env }: Fields): Readonly<Record<string, string>> {
  const entries = Array.isArray(env) ? env.filter(isRecord) : [];
  return Object.fromEntries(entries.map(({ name, value }) => [String(name), String(value)]));
}

function credentialIn(stdout: string, command: string): Credential {
  let printed: unknown;
  try {
    printed = JSON.parse(stdout);
  } catch {
    throw failure(`the kubeconfig's exec plugin ${command} printed no JSON`);
  }
  const status = isRecord(printed) && isRecord(printed.status) ? printed.status : {};
  const known = {
    token: status.token,
    cert: status.clientCertificateData,
    key: status.clientKeyData,
  };
  const texts = Object.entries(known).filter(([, value]) => typeof value === "string");
  if (texts.length === 0) {
    throw failure(`the kubeconfig's exec plugin ${command} gave no credential`);
  }
  return Object.fromEntries(texts) as Credential;
}

function failure(message: string): ConfigurationError {
  return new ConfigurationError(message);
}
