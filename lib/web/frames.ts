/**
 * The frames of WebSocket (RFC 6455, section 5), as a server takes and sends
 * them.
 *
 * @module
 */

/** What a frame is. */
export const OPCODE = {
  continuation: 0x0,
  text: 0x1,
  binary: 0x2,
  close: 0x8,
  ping: 0x9,
  pong: 0xa,
} as const;

/** Why a connection is closed (RFC 6455, section 7.4.1). */
export const CLOSE = {
  normal: 1000,
  goingAway: 1001,
  protocolError: 1002,
  notText: 1003,
  notUtf8: 1007,
} as const;

/** What is closed with, as for a frame that may not be. */
export interface Closing {
  readonly code: number;
  readonly reason: string;
}

/** What a frame begins with. */
export interface FrameHead {
  readonly opcode: number;
  /** Whether the message ends with it. */
  readonly isLast: boolean;
  /** How many bytes the head has, and the payload after it. */
  readonly size: number;
  readonly length: number;
  /** Four bytes, with which the payload is masked. */
  readonly mask: Uint8Array;
}

const LAST = 0x80;
const RESERVED = 0x70;
const OPCODE_BITS = 0x0f;
const CONTROL = 0x8;
const MASKED = 0x80;
const LENGTH_BITS = 0x7f;
/** The lengths that say that the length comes after them. */
const LENGTH_OF_2_BYTES = 126;
const LENGTH_OF_8_BYTES = 127;
const MAX_CONTROL_BYTES = 125;
const BYTE = 0xff;
const MASK_BYTES = 4;
/** No frame's head has more. */
export const MAX_HEAD_BYTES = 14;
/** A close frame has a code of two bytes, and then a reason. */
const CODE_BYTES = 2;

/**
 * The head of a client's frame at the beginning of the bytes; undefined until
 * it is whole. `inMessage` tells whether a message has begun that is not over.
 */
export function frameHead(
  bytes: Uint8Array,
  inMessage: boolean,
): FrameHead | Closing | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const opcode = first & OPCODE_BITS;
  const isLast = (first & LAST) !== 0;
  const problem = problemOf(first, opcode, inMessage);
  if (problem) return problem;
  if ((second & MASKED) === 0) return wrong("a frame is not masked");
  const short = second & LENGTH_BITS;
  if (opcode >= CONTROL && (!isLast || short > MAX_CONTROL_BYTES)) {
    return wrong("a control frame is too long or in parts");
  }
  const extra = short === LENGTH_OF_8_BYTES
    ? 8
    : short === LENGTH_OF_2_BYTES
    ? 2
    : 0;
  const maskAt = 2 + extra;
  const size = maskAt + MASK_BYTES;
  if (bytes.length < size) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, size);
  const length = extra === 8
    ? Number(view.getBigUint64(2))
    : extra === 2
    ? view.getUint16(2)
    : short;
  if (length > Number.MAX_SAFE_INTEGER) return wrong("a frame is too long");
  return { opcode, isLast, size, length, mask: bytes.slice(maskAt, size) };
}

function problemOf(
  first: number,
  opcode: number,
  inMessage: boolean,
): Closing | undefined {
  if ((first & RESERVED) !== 0) return wrong("no extension is in use");
  switch (opcode) {
    case OPCODE.binary:
      return { code: CLOSE.notText, reason: "only text is taken" };
    case OPCODE.text:
      return inMessage ? wrong("a message is not over yet") : undefined;
    case OPCODE.continuation:
      return inMessage ? undefined : wrong("no message has begun");
    case OPCODE.close:
    case OPCODE.ping:
    case OPCODE.pong:
      return undefined;
    default:
      return wrong("there is no such frame");
  }
}

function wrong(reason: string): Closing {
  return { code: CLOSE.protocolError, reason };
}

/** Takes the mask off, or puts it on; `offset` is that of the first byte. */
export function unmask(
  bytes: Uint8Array,
  mask: Uint8Array,
  offset: number,
): void {
  for (let index = 0; index < bytes.length; index++) {
    const key = mask[(offset + index) % MASK_BYTES] ?? 0;
    bytes[index] = (bytes[index] ?? 0) ^ key;
  }
}

/**
 * A server's frame of less than 64 KiB, ready to send: the whole of a message,
 * or a control frame.
 */
export function frame(opcode: number, payload: Uint8Array): Uint8Array {
  const { length } = payload;
  const isShort = length <= MAX_CONTROL_BYTES;
  const head = isShort
    ? [LAST | opcode, length]
    : [LAST | opcode, LENGTH_OF_2_BYTES, length >> 8, length & BYTE];
  const bytes = new Uint8Array(head.length + length);
  bytes.set(head);
  bytes.set(payload, head.length);
  return bytes;
}

/** The payload of a close frame. */
export function closing({ code, reason }: Closing): Uint8Array {
  const text = new TextEncoder().encode(reason);
  const bytes = new Uint8Array(CODE_BYTES + text.length);
  new DataView(bytes.buffer).setUint16(0, code);
  bytes.set(text, CODE_BYTES);
  return bytes;
}
