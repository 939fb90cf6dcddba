/** Credentials as an operator may hold them: bytes in base64, never empty. */
import * as fc from "fast-check";

/** What breaks URIs, shells and JSON, text of any script, and bytes that are no text at all. */
export const passwordBytes: fc.Arbitrary<Buffer> = fc
  .oneof(
    fc.string({ unit: fc.constantFrom(...`/:@%?#&=+ "'\\;!()*~[]{}|^$`.split(""), "a", "%2F") }),
    fc.string({ unit: "binary" }),
    fc.string(),
    fc.constantFrom("pässwörd", "密码", "🔑", "a b", "'; DROP TABLE x; --", "\n"),
    fc.uint8Array({ maxLength: 40 }).map(bytes => Buffer.from(bytes)),
    fc.constantFrom(Buffer.from([0xff, 0xfe, 0x00]), Buffer.from([0xc3, 0x28])),
  )
  .map(value => (typeof value === "string" ? Buffer.from(value, "utf8") : value))
  .filter(bytes => bytes.length > 0);
