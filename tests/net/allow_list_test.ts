import { assertEquals } from "@std/assert";
import { AllowList } from "../../lib/net/locks.ts";
import { PURE } from "../kit/pure.ts";

const TABLE: readonly [entry: string, address: string, allowed: boolean][] = [
  ["192.0.2.7", "192.0.2.7", true],
  ["192.0.2.7", "192.0.2.8", false],
  ["192.0.2.7", "::ffff:192.0.2.7", true],
  ["192.0.2.7", "::ffff:c000:207", true],
  ["192.0.2.7", "::ffff:192.0.2.8", false],
  ["10.0.0.0/8", "10.255.255.255", true],
  ["10.0.0.0/8", "11.0.0.0", false],
  ["10.0.0.0/8", "::ffff:10.1.2.3", true],
  ["10.1.2.3/8", "10.200.0.1", true],
  ["192.168.4.0/22", "192.168.7.255", true],
  ["192.168.4.0/22", "192.168.8.0", false],
  ["192.0.2.7/32", "192.0.2.7", true],
  ["192.0.2.7/32", "192.0.2.6", false],
  ["0.0.0.0/0", "203.0.113.9", true],
  ["0.0.0.0/0", "::1", false],
  ["::1", "::1", true],
  ["::1", "0:0:0:0:0:0:0:1", true],
  ["::1", "127.0.0.1", false],
  ["::/0", "::1", true],
  ["::/0", "127.0.0.1", false],
  ["::/0", "::ffff:127.0.0.1", false],
  ["::ffff:192.0.2.0/120", "192.0.2.7", true],
  ["::ffff:192.0.2.0/120", "::ffff:192.0.2.7", true],
  ["fd00::/8", "fdab::1", true],
  ["fd00::/8", "fe80::1", false],
  ["fe80::/10", "fe80::1%eth0", true],
  ["2001:db8::/33", "2001:db8:7fff::1", true],
  ["2001:db8::/33", "2001:db8:8000::1", false],
  ["2001:DB8::7/128", "2001:db8::7", true],
  ["192.0.2.7", "", false],
  ["0.0.0.0/0", "localhost", false],
];

Deno.test({
  name: "AllowList has() finds addresses and those in ranges",
  ...PURE,
  fn(): void {
    for (const [entry, address, allowed] of TABLE) {
      const list = new AllowList([entry]);
      assertEquals(list.has(address), allowed, `${address} in ${entry}`);
    }
  },
});

Deno.test({
  name: "AllowList has() finds what any of its entries allows",
  ...PURE,
  fn(): void {
    assertEquals(new AllowList([]).has("192.0.2.7"), false);
    const list = new AllowList(["192.0.2.7", "10.0.0.0/8", "fd00::/8"]);
    for (const address of ["192.0.2.7", "10.9.9.9", "fd12::3"]) {
      assertEquals(list.has(address), true, address);
    }
    assertEquals(list.has("192.0.2.70"), false);
  },
});
