/** That extensions are really there, and stay or go as asked: on this machine, where the server can be reached. */
import { Client } from "pg";
import type { ClaimSpec } from "../../../capabilities/claim/claim";
import type { Ref } from "../../../capabilities/kubernetes/objects";
import { addressIn } from "../address";
import { claim, claimResource, databaseOf, readyClaim, untilReady, untilValues } from "../claims";
import type { TestCluster } from "../cluster";
import { stories } from "../story";

const story = stories();

/** The extensions that the owner of the database finds there, besides PostgreSQL's own language. */
async function installed(cluster: TestCluster, ref: Ref): Promise<unknown> {
  const address = addressIn(await databaseOf(cluster, ref));
  const credentials = { name: `${ref.name}-app`, namespace: ref.namespace };
  const { username: user, password, dbname: database } = await untilValues(cluster, credentials);
  const client = new Client({ ...address, user, password, database });
  await client.connect();
  try {
    const { rows } = await client.query<{ names: unknown }>(
      "SELECT array_agg(extname::text ORDER BY extname) AS names FROM pg_extension WHERE extname <> 'plpgsql'",
    );
    return rows[0]?.names;
  } finally {
    await client.end();
  }
}

story(
  "extensions stay when they are taken out of the claim, and go when it says absent",
  async scene => {
    const { cluster, namespace } = scene;
    const ref = { name: "orders-db", namespace };
    const ask = async (spec: ClaimSpec): Promise<void> => {
      await cluster.patch(claimResource, ref, { spec });
      await untilReady(cluster, ref);
    };
    await readyClaim(
      cluster,
      claim(ref, { extensions: [{ name: "pg_trgm" }, { name: "hstore" }] }),
    );
    expect(await installed(cluster, ref)).toEqual(["hstore", "pg_trgm"]);
    await ask({ extensions: [{ name: "pg_trgm" }] });
    expect(await installed(cluster, ref)).toEqual(["hstore", "pg_trgm"]);
    await ask({ extensions: [{ name: "pg_trgm" }, { name: "hstore", ensure: "absent" }] });
    expect(await installed(cluster, ref)).toEqual(["pg_trgm"]);
    await ask({ extensions: [] });
    expect(await installed(cluster, ref)).toEqual(["pg_trgm"]);
  },
);
