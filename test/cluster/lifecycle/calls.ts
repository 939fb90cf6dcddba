/** Claims that are made all the while, as by many users, and how the API server answers. */
import { randomBytes } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { collectionPath } from "../../../capabilities/cluster/paths";
import { claim, claimResource } from "../claims";
import { messageOf, type TestCluster } from "../cluster";

export type Calls = {
  readonly made: number;
  /** What was said of those that were not taken. */
  readonly failures: readonly string[];
};

const callers = 4;
/** In ms: some 100 calls a second in all, on a machine that has nothing else to do. */
const betweenCalls = 20;

/** Makes claims in this namespace from several clients at once until the work is done; every second one is a dry run. */
export async function callWhile(
  cluster: TestCluster,
  namespace: string,
  work: () => Promise<void>,
): Promise<Calls> {
  const failures: string[] = [];
  const prefix = `claim-${randomBytes(2).toString("hex")}`;
  let made = 0;
  let isOver = false;
  const call = async (): Promise<void> => {
    while (!isOver) {
      made += 1;
      const query = made % 2 === 0 ? "?dryRun=All" : "";
      const path = collectionPath(claimResource, namespace) + query;
      const body = claim({ name: `${prefix}-${made}`, namespace });
      const answer = await cluster.ask({ method: "POST", path, body });
      if (answer.code !== 201) failures.push(messageOf(answer.body));
      await pause(betweenCalls);
    }
  };
  const calling = Promise.all(Array.from({ length: callers }, call));
  try {
    await work();
  } finally {
    isOver = true;
    await calling;
  }
  return { made, failures };
}
