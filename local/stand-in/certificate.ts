/** X.509 certificates for the stand-in, as CNPG makes them: an authority of its own for each Cluster, and its server's certificate. */
import { generateKeyPairSync, randomBytes, sign } from "node:crypto";
import type { KeyObject } from "node:crypto";

import type { Identity } from "./database";

export type Authority = { readonly certificate: string; readonly key: KeyObject };

const day = 24 * 60 * 60 * 1000;
/** CNPG's own: https://cloudnative-pg.io/documentation/1.30/certificates/#operator-managed-mode */
const validity = 90 * day;

/** Object identifiers, encoded: https://www.rfc-editor.org/rfc/rfc5280#appendix-A */
const oid = {
  commonName: "0603550403",
  basicConstraints: "0603551d13",
  keyUsage: "0603551d0f",
  alternativeNames: "0603551d11",
  ecdsaWithSha256: "06082a8648ce3d040302",
} as const;

/** The DER types that a certificate is made of: https://www.itu.int/rec/T-REC-X.690 */
const tag = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  utf8: 0x0c,
  sequence: 0x30,
  set: 0x31,
  generalizedTime: 0x18,
  dnsName: 0x82,
  version: 0xa0,
  extensions: 0xa3,
} as const;

/** An authority that signs itself. */
export function makeAuthority(name: string, now: Date): Authority {
  const { publicKey, privateKey: key } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  // keyCertSign and cRLSign.
  const usage = extension(oid.keyUsage, der(tag.bitString, Buffer.from([1, 0b0000_0110])));
  const isAuthority = der(tag.sequence, der(tag.boolean, Buffer.from([0xff])));
  const extensions = [extension(oid.basicConstraints, isAuthority), usage];
  const signer = { name, key };
  return { certificate: signed({ name, publicKey, extensions, now }, signer), key };
}

/** A server's certificate for these names, signed by the authority of that name. */
export function signServer(
  { key: signingKey }: Authority,
  signerName: string,
  names: readonly string[],
  now: Date,
): Identity {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
  const entries = names.map(name => der(tag.dnsName, Buffer.from(name, "ascii")));
  const extensions = [extension(oid.alternativeNames, der(tag.sequence, ...entries))];
  const body = { name: names[0] ?? "", publicKey, extensions, now };
  return {
    certificate: signed(body, { name: signerName, key: signingKey }),
    key: privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

type Body = {
  readonly name: string;
  readonly publicKey: KeyObject;
  readonly extensions: readonly Buffer[];
  readonly now: Date;
};

function signed(body: Body, signer: { readonly name: string; readonly key: KeyObject }): string {
  const algorithm = der(tag.sequence, Buffer.from(oid.ecdsaWithSha256, "hex"));
  const { name, publicKey, extensions, now } = body;
  const unsigned = der(
    tag.sequence,
    der(tag.version, integer(Buffer.from([2]))),
    integer(Buffer.concat([Buffer.from([1]), randomBytes(15)])),
    algorithm,
    distinguishedName(signer.name),
    der(tag.sequence, time(now), time(new Date(now.getTime() + validity))),
    distinguishedName(name),
    publicKey.export({ type: "spki", format: "der" }),
    der(tag.extensions, der(tag.sequence, ...extensions)),
  );
  const signature = Buffer.concat([Buffer.from([0]), sign("sha256", unsigned, signer.key)]);
  return pem(der(tag.sequence, unsigned, algorithm, der(tag.bitString, signature)));
}

function distinguishedName(name: string): Buffer {
  const text = der(tag.utf8, Buffer.from(name, "utf8"));
  const attribute = der(tag.sequence, Buffer.from(oid.commonName, "hex"), text);
  return der(tag.sequence, der(tag.set, attribute));
}

function extension(identifier: string, value: Buffer): Buffer {
  return der(tag.sequence, Buffer.from(identifier, "hex"), der(tag.octetString, value));
}

function integer(value: Buffer): Buffer {
  return der(tag.integer, value);
}

/** `YYYYMMDDHHMMSSZ` */
function time(date: Date): Buffer {
  const digits = date.toISOString().replaceAll(/\D/g, "").slice(0, "YYYYMMDDHHMMSS".length);
  return der(tag.generalizedTime, Buffer.from(`${digits}Z`, "ascii"));
}

function der(type: number, ...parts: readonly Buffer[]): Buffer {
  const content = Buffer.concat(parts);
  return Buffer.concat([Buffer.from([type]), lengthOf(content), content]);
}

/** Below 128 as it is; above with the number of its bytes before it. */
function lengthOf({ length }: Buffer): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  const bytes = length < 0x100 ? [length] : [length >> 8, length & 0xff];
  return Buffer.from([0x80 | bytes.length, ...bytes]);
}

function pem(certificate: Buffer): string {
  const lines = certificate.toString("base64").replaceAll(/.{64}/g, line => `${line}\n`);
  return `-----BEGIN CERTIFICATE-----\n${lines.trimEnd()}\n-----END CERTIFICATE-----\n`;
}
