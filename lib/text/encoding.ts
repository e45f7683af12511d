/**
 * What text that is not UTF-8 may be instead.
 *
 * @module
 */

/** From here on a byte is no ASCII. */
const HIGH = 0x80;
/** From here on a byte is a letter in ISO-8859-1. */
const LETTER = 0xc0;
/** The second byte of a character of GB2312 is never lower; in Big5 it may be. */
const GB2312_SECOND = 0xa1;

/**
 * The most likely encoding of text that is not UTF-8, by the name that
 * `iconv -f` and `TextDecoder` know. The bytes must be whole lines.
 */
export function likelyEncoding(bytes: Uint8Array): string {
  const [first, second] = bytes;
  // Its byte order mark, in both orders.
  if (first === 0xff && second === 0xfe) return "UTF-16";
  if (first === 0xfe && second === 0xff) return "UTF-16";
  let isLatin = true;
  let isGb2312 = true;
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    if (byte < HIGH) continue;
    // Chinese has two bytes a character, Latin letters one.
    const next = bytes[++index] ?? 0;
    isLatin &&= byte >= LETTER && next < HIGH;
    isGb2312 &&= next >= GB2312_SECOND;
  }
  if (isLatin) return "ISO-8859-1";
  if (!isGb2312 && isIn("Big5", bytes)) return "BIG5";
  return isIn("gb18030", bytes) ? "GB18030" : "ISO-8859-1";
}

function isIn(encoding: string, bytes: Uint8Array): boolean {
  try {
    new TextDecoder(encoding, { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
