import { assertEquals } from "@std/assert";
import { unless } from "./ignored.ts";

Deno.test("unless() tells the first reason that holds", () => {
  assertEquals(unless({}, "name"), { name: "name", ignore: false });
  assertEquals(
    unless({ "first": false, "second": true, "third": true }, "name"),
    { name: "name (second)", ignore: true },
  );
});
