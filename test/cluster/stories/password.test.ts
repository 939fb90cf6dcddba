/** The connection secret follows the operator's. */
import { claim, readyClaim, secretResource, untilValues } from "../claims";
import { stories } from "../story";

const story = stories();

/** Of characters that mean something in a URI. */
const password = "p@ss:w/o?r#d%&=+ 'é";

story(
  "a password that was changed in the -app secret reaches the connection secret and its URIs",
  async scene => {
    const { cluster, namespace } = scene;
    await readyClaim(
      cluster,
      claim({ name: "orders-db", namespace }, {}, { name: "orders-postgres" }),
    );
    await cluster.patch(
      secretResource,
      { name: "orders-db-app", namespace },
      { stringData: { password } },
    );
    const values = await untilValues(
      cluster,
      { name: "orders-postgres", namespace },
      found => found["password"] === password,
    );
    const uri = new URL(values["uri"] ?? "");
    expect(decodeURIComponent(uri.password)).toBe(password);
    expect({ host: uri.hostname, port: uri.port, user: uri.username, path: uri.pathname }).toEqual({
      host: values["endpoint"],
      port: "5432",
      user: "orders_db",
      path: "/orders_db",
    });
    const jdbc = new URL((values["jdbc-uri"] ?? "").replace(/^jdbc:/, ""));
    expect(Object.fromEntries(jdbc.searchParams)).toEqual({ user: "orders_db", password });
  },
);

story(
  "an -app secret that was removed and made again is followed, in another namespace too",
  async scene => {
    const { cluster, namespace } = scene;
    const target = { name: "orders-postgres", namespace: await scene.newNamespace() };
    const own = { name: "orders-db-app", namespace };
    await readyClaim(cluster, claim({ name: "orders-db", namespace }, {}, target));
    const before = await untilValues(cluster, target);
    await cluster.remove(secretResource, own);
    const made = await untilValues(cluster, own, found => found["password"] !== before["password"]);
    const after = await untilValues(
      cluster,
      target,
      found => found["password"] === made["password"],
    );
    expect(after["uri"]).toContain(made["password"]);
  },
);
