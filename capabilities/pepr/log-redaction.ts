/**
 * Keeps the values of Secrets out of the log at every level. Pepr 1.1.4: it logs each object that a watch brings, and each list as one
 * string, at debug. Goes when Pepr logs no contents.
 */
import { Log } from "pepr";
import { isRecord } from "../claim/schema";

type LogMethod = (...args: unknown[]) => void;

/** https://github.com/pinojs/pino/blob/main/docs/api.md#hooks-object */
type Hooks = { logMethod?: (this: unknown, args: unknown[], method: LogMethod) => void };

const valueFields = ["data", "stringData"] as const;
const redacted = "(values of a Secret)";

/** From now on, what is logged goes through `withoutValues`. Where pino has changed too much for that, no level below info is kept. */
export function redactSecrets(): void {
  const hooks = hooksOf(Log);
  if (!hooks) {
    if (["debug", "trace"].includes(Log.level)) Log.level = "info";
    Log.warn("this version of pino cannot redact: nothing below info is logged");
    return;
  }
  hooks.logMethod = function logMethod(args, method): void {
    method.apply(this, args.map(withoutValues));
  };
  // Pino makes its methods anew when the level is set, and only then looks at the hook.
  const { level } = Log;
  Log.level = "silent";
  Log.level = level;
}

/** The argument of a log call without values of Secrets, in an object or in a list that was made a string of. */
export function withoutValues(arg: unknown): unknown {
  if (typeof arg === "string") return arg.includes('"kind": "SecretList"') ? redacted : arg;
  if (!isRecord(arg)) return arg;
  const fields = valueFields.filter(field => field in arg);
  // Items of a list do not say their kind: what may be a Secret is treated as one.
  if (!isRecord(arg.metadata) || fields.length === 0) return arg;
  return {
    ...arg,
    ...Object.fromEntries(fields.map(field => [field, redacted])),
    // `kubectl apply` keeps the whole Secret in one: https://kubernetes.io/docs/reference/labels-annotations-taints/#kubectl-kubernetes-io-last-applied-configuration
    metadata: { ...arg.metadata, annotations: redacted },
  };
}

function hooksOf(log: object): Hooks | undefined {
  const symbol = Object.getOwnPropertySymbols(log).find(
    ({ description }) => description === "pino.hooks",
  );
  const hooks: unknown = symbol && Reflect.get(log, symbol);
  return isRecord(hooks) ? hooks : undefined;
}
