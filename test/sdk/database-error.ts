/** What a call of the SDK throws. */
import { isDatabaseError, type DatabaseError } from "../../sdk";

/** The error that the call ends with. Throws where it goes through, or ends with another. */
export async function databaseErrorOf(call: Promise<unknown>): Promise<DatabaseError> {
  const fault: unknown = await call.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  if (!isDatabaseError(fault)) throw new Error(`no DatabaseError, but ${String(fault)}`);
  return fault;
}
