import { assert, assertEquals } from "@std/assert";
import { PHRASES } from "../../lib/text/phrases.ts";
import { SeenNames } from "../../lib/text/seen_names.ts";
import { PURE } from "../kit/pure.ts";

Deno.test("SeenNames has the last speaker first", PURE, () => {
  const names = new SeenNames();
  for (const name of ["Ann", "Bo", "Ann"]) names.spoke(name);
  names.noticed("Cy has joined");
  names.noticed("丁 来了");
  names.noticed("Bo is now Bert");
  names.noticed("Topic: Eve has joined us");
  assertEquals(names.latest, ["Ann", "Bert", "Cy", "丁"]);
  assert(names.has("Bert") && !names.has("Bo"));
});

Deno.test("SeenNames knows what a room says in each language", PURE, () => {
  for (const said of Object.values(PHRASES)) {
    const names = new SeenNames();
    names.noticed(said["room joined"].replace("{name}", "Ann"));
    names.noticed(
      said["room renamed"].replace("{old}", "Ann").replace("{name}", "Bo"),
    );
    assertEquals(names.latest, ["Bo"]);
  }
});

Deno.test("SeenNames forgets the oldest of a thousand", PURE, () => {
  const names = new SeenNames();
  for (let number = 0; number < 1001; number++) names.spoke(`guest-${number}`);
  assert(!names.has("guest-0") && names.has("guest-1"));
  names.noticed("Ann has joined");
  assertEquals(names.latest.length, 1000);
});
