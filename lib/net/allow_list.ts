/**
 * Who may come in, by address.
 *
 * @module
 */
import { BlockList, isIP } from "node:net";

/**
 * Addresses and ranges of them, of both families. An IPv4 address that comes
 * in through an IPv6 socket (`::ffff:192.0.2.1`) counts as itself.
 */
export class AllowList {
  readonly #ranges = new BlockList();

  /** Each entry is an address, or a range as in `192.168.0.0/16`. */
  constructor(entries: readonly string[]) {
    for (const entry of entries) {
      const [address = "", prefix] = entry.split("/");
      const family = isIP(address) === 4 ? "ipv4" : "ipv6";
      if (prefix === undefined) this.#ranges.addAddress(address, family);
      else this.#ranges.addSubnet(address, Number(prefix), family);
    }
  }

  /** Whether the address was added, or is in a range that was. */
  has(address: string): boolean {
    const bare = address.replace(/%.*$/, "")
      .replace(/^::ffff:(?=[\d.]+$)/i, "");
    const version = isIP(bare);
    if (version === 0) return false;
    return this.#ranges.check(bare, version === 4 ? "ipv4" : "ipv6");
  }
}
