/**
 * Who may come in, by address.
 *
 * @module
 */
import { BlockList, isIP } from "node:net";

/** The longest prefix of a range, in bits. */
const MAX_PREFIX = { ipv4: 32, ipv6: 128 } as const;

/**
 * Addresses and ranges of them, of both families. An IPv4 address that comes
 * in through an IPv6 socket (`::ffff:192.0.2.1`) counts as itself.
 */
export class AllowList {
  readonly #ranges = new BlockList();

  /**
   * Adds an address, or a range as in `192.168.0.0/16`. Returns whether the
   * entry is one of these; another is not added.
   */
  add(entry: string): boolean {
    const [, address = "", digits] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(entry) ??
      [];
    const family = familyOf(address);
    if (family === undefined) return false;
    if (digits === undefined) {
      this.#ranges.addAddress(address, family);
      return true;
    }
    const prefix = Number(digits);
    if (prefix > MAX_PREFIX[family]) return false;
    this.#ranges.addSubnet(address, prefix, family);
    return true;
  }

  /** Whether the address was added, or is in a range that was. */
  has(address: string): boolean {
    const bare = address.replace(/%.*$/, "")
      .replace(/^::ffff:(?=[\d.]+$)/i, "");
    const family = familyOf(bare);
    return family !== undefined && this.#ranges.check(bare, family);
  }
}

function familyOf(address: string): "ipv4" | "ipv6" | undefined {
  const version = isIP(address);
  return version === 4 ? "ipv4" : version === 6 ? "ipv6" : undefined;
}
