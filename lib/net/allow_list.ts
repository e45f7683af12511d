/**
 * Who may come in, by address. It needs nothing of `node:net`, which would take
 * longer to load than the rest of the command line.
 *
 * @module
 */

/** The form of an IPv4 address, each number without leading zeros. */
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
const IPV4_BITS = 32;
const IPV6_BITS = 128;
const GROUPS = 8;
/** How an IPv6 address begins that stands for an IPv4 address (RFC 4291). */
const MAPPED = "0".repeat(80) + "1".repeat(16);

/**
 * Addresses and ranges of them, of both families. An IPv4 address that comes
 * in through an IPv6 socket (`::ffff:192.0.2.1`) counts as itself.
 */
export class AllowList {
  /** The first bits that the addresses of a range share, and how many they have. */
  readonly #ranges: { start: string; length: number }[] = [];

  /**
   * Adds an address, or a range as in `192.168.0.0/16`. Returns whether the
   * entry is one of these; another is not added.
   */
  add(entry: string): boolean {
    const [, address = "", digits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(entry) ??
      [];
    const bits = bitsOf(address);
    if (bits === undefined) return false;
    const whole = address.includes(":") ? IPV6_BITS : IPV4_BITS;
    const prefix = Number(digits ?? whole);
    if (prefix > whole) return false;
    const shared = Math.max(0, prefix - (whole - bits.length));
    this.#ranges.push({ start: bits.slice(0, shared), length: bits.length });
    return true;
  }

  /** Whether the address was added, or is in a range that was. */
  has(address: string): boolean {
    const bits = bitsOf(address.replace(/%.*$/, ""));
    return bits !== undefined &&
      this.#ranges.some(({ start, length }) =>
        length === bits.length && bits.startsWith(start)
      );
  }
}

/** The bits of an address, as zeros and ones; undefined for what is none. */
function bitsOf(address: string): string | undefined {
  if (IPV4.test(address)) return address.split(".").map(bitsIn(10, 8)).join("");
  const url = `http://[${address}]`;
  if (!/^[\da-f:.]+$/i.test(address) || !URL.canParse(url)) return undefined;
  // Written in one way only: no IPv4 part, and the longest zeros left out.
  const [head = [], tail = []] = new URL(url).hostname.slice(1, -1).split("::")
    .map((part) => part.split(":").filter((group) => group !== ""));
  const zeros = Array<string>(GROUPS - head.length - tail.length).fill("0");
  const bits = [...head, ...zeros, ...tail].map(bitsIn(16, 16)).join("");
  return bits.startsWith(MAPPED) ? bits.slice(MAPPED.length) : bits;
}

/** Makes a function from a number as it is written in a base to its bits. */
function bitsIn(base: number, length: number): (digits: string) => string {
  return (digits) => parseInt(digits, base).toString(2).padStart(length, "0");
}
