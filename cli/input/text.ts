/** Bytes as the text that they are. */
import { isUtf8 } from "node:buffer";

/** What YAML takes in quotes alone, and escaped; yaml 2.9 does not look: https://yaml.org/spec/1.2.2/#51-character-set */
export const unprintable = /[^\t\n\r -~\x85\xa0-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/u;

/** What stands for a byte that is not UTF-8: a character that YAML does not allow, so that whoever reads it says so. */
const noText = "\0";

/** A mark at the beginning is left out, as kubectl does. */
export function textOf(bytes: Uint8Array): string {
  const text = new TextDecoder().decode(bytes);
  return isUtf8(bytes) ? text : text.replaceAll("\ufffd", noText);
}
