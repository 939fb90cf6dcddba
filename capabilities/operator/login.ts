/** The login in a Secret, where operators keep it as Kubernetes' own type for it does. */
import type { Secret } from "../kubernetes/objects";
import type { Credentials } from "./operator";

/** Where the operators' Services have it. */
export const postgresPort = 5432;

/** Undefined while one of the two is missing or empty. */
export function loginIn({ data = {} }: Secret): Credentials | undefined {
  const { username, password } = data;
  return username && password ? { username, password } : undefined;
}
