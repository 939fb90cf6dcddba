/** Clients can know the server: the certificate of its authority is in the connection secret, and its name is the endpoint. */
import { X509Certificate } from "node:crypto";
import { claim, readyClaim, secretResource, untilValues } from "../claims";
import { stories } from "../story";

const story = stories();

story(
  "ca.crt is the certificate of the operator's authority, in another namespace too",
  async scene => {
    const { cluster, namespace } = scene;
    const secret = { name: "orders-postgres", namespace: await scene.newNamespace() };
    await readyClaim(cluster, claim({ name: "orders-db", namespace }, {}, secret));
    const { endpoint = "", "ca.crt": found = "" } = await untilValues(cluster, secret, values =>
      Boolean(values["ca.crt"]),
    );
    const own = await untilValues(cluster, { name: "orders-db-ca", namespace });
    expect(found).toBe(own["ca.crt"]);
    const { "tls.crt": served = "" } = await untilValues(cluster, {
      name: "orders-db-server",
      namespace,
    });
    const certificate = new X509Certificate(served);
    expect(certificate.verify(new X509Certificate(found).publicKey)).toBe(true);
    expect(certificate.checkHost(endpoint)).toBe(endpoint);
  },
);

story("ca.crt is followed when the operator renews it", async scene => {
  const { cluster, namespace } = scene;
  const secret = { name: "orders-postgres", namespace };
  await readyClaim(cluster, claim({ name: "orders-db", namespace }, {}, { name: secret.name }));
  const { "ca.crt": before = "" } = await untilValues(cluster, secret, values =>
    Boolean(values["ca.crt"]),
  );
  // As CNPG does before the certificate ends; the text stands for the renewed one.
  const renewed = `${before}# renewed\n`;
  const own = { name: "orders-db-ca", namespace };
  await cluster.patch(secretResource, own, { stringData: { "ca.crt": renewed } });
  await untilValues(cluster, secret, values => values["ca.crt"] === renewed);
});

story("the URIs say of TLS what the class does", async scene => {
  const { cluster, namespace } = scene;
  const className = await scene.newClass({ tls: { sslmode: "verify-full" } });
  const secret = { name: "orders-postgres", namespace };
  await readyClaim(
    cluster,
    claim({ name: "orders-db", namespace }, { className }, { name: secret.name }),
  );
  const values = await untilValues(cluster, secret);
  expect(values["uri"]).toMatch(/\?sslmode=verify-full$/);
  expect(values["jdbc-uri"]).toMatch(/&sslmode=verify-full$/);
});
