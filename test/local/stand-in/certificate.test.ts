import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { connect, createServer } from "node:tls";
import type { AddressInfo } from "node:net";
import { makeAuthority, signServer } from "../../../local/stand-in/certificate";

const now = new Date();
const authority = makeAuthority("orders-db", now);
const names = ["orders-db-rw", "orders-db-rw.demo.svc.cluster.local"];
const server = signServer(authority, "orders-db", names, now);

test("an authority is one, and signs itself", () => {
  const certificate = new X509Certificate(authority.certificate);
  expect(certificate.ca).toBe(true);
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  const days = (Date.parse(certificate.validTo) - now.getTime()) / 86_400_000;
  expect(Math.round(days)).toBe(90);
});

test("a server's certificate has its names, and is the authority's work", () => {
  const certificate = new X509Certificate(server.certificate);
  const signer = new X509Certificate(authority.certificate);
  expect(certificate.ca).toBe(false);
  expect(certificate.verify(signer.publicKey)).toBe(true);
  expect(certificate.issuer).toBe(signer.subject);
  for (const name of names) expect(certificate.checkHost(name)).toBe(name);
  expect(certificate.checkHost("another.demo")).toBeUndefined();
});

test.each([
  ["lets in who knows the authority and the name", authority.certificate, names[1], undefined],
  [
    "keeps out who expects another name",
    authority.certificate,
    "another.demo",
    "ERR_TLS_CERT_ALTNAME_INVALID",
  ],
  [
    "keeps out who knows another authority",
    makeAuthority("orders-db", now).certificate,
    names[1],
    "CERT_SIGNATURE_FAILURE",
  ],
])("a connection %s", async (_title, ca, servername = "", expected) => {
  const listener = createServer({ cert: server.certificate, key: server.key }, socket => {
    socket.on("error", () => undefined).end();
  });
  listener.listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  const client = connect({ host: "127.0.0.1", port, ca, servername });
  const outcome = await once(client, "secureConnect").then(
    () => undefined,
    (fault: unknown) => (fault as NodeJS.ErrnoException).code,
  );
  client.destroy();
  listener.close();
  expect(outcome).toBe(expected);
});
