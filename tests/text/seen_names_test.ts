import { assert, assertEquals } from "@std/assert";
import { PHRASES, speaker } from "../../lib/text/phrases.ts";
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

Deno.test("SeenNames forgets those who leave, in each language", PURE, () => {
  for (const language of ["en", "zh"] as const) {
    const say = speaker(language);
    const names = new SeenNames();
    const many = say("room and more", { names: "Ann, Bo, Cy, Di", count: 3 });
    names.noticed(say("room came", { came: many }));
    const one = say("room joined", { name: "Ed" });
    names.noticed(say("room from", { name: one, address: "::1" }));
    const time = say("room for ever");
    const who = say("room from", { name: "Flo", address: "192.0.2.1" });
    names.noticed(say("room who line", { name: who, time: "3s" }));
    names.noticed(say("room came and went", { came: "Gus", went: "Ida" }));
    const known = ["Ann", "Bo", "Cy", "Di", "Ed", "Flo", "Gus"];
    assertEquals(names.latest.toSorted(), known);
    // What others chose to say can't look like it.
    const why = `: ${say("room left", { name: "Di" })}`;
    names.noticed(say("room topic", { topic: why.slice(2) }));
    names.noticed(say("room muted", { name: "Ann", time, why }));
    assertEquals(names.latest.toSorted(), known);
    for (
      const [text, ...gone] of [
        [say("room left", { name: "Ann" }), "Ann"],
        [say("room left, unsaid", { name: "Bo", count: 3 }), "Bo"],
        [say("room kicked", { name: "Cy", why }), "Cy"],
        [say("room dropped", { name: "Di" }), "Di"],
        [say("room banned", { name: "Ed", time, why }), "Ed"],
        [say("room went", { went: "Flo, Gus" }), "Flo", "Gus"],
      ]
    ) {
      names.noticed(text ?? "");
      known.splice(0, gone.length);
      assertEquals(names.latest.toSorted(), known, text);
    }
  }
});

Deno.test(
  "SeenNames looks at a long line no longer than at short ones",
  PURE,
  () => {
    const names = new SeenNames();
    const times = 10_000;
    for (const part of ["a, ", "a from ", "; these have left: a from ", "a;"]) {
      for (const said of Object.values(PHRASES)) {
        for (const phrase of ["room came and went", "room banned"] as const) {
          const text = said[phrase].replaceAll(/\{\w+\}/g, part.repeat(times));
          names.noticed(`${text}!`);
          names.noticed(part.repeat(times));
        }
      }
    }
    assert(names.latest.length <= 1000);
  },
);

Deno.test("SeenNames forgets the oldest of a thousand", PURE, () => {
  const names = new SeenNames();
  for (let number = 0; number < 1001; number++) names.spoke(`guest-${number}`);
  assert(!names.has("guest-0") && names.has("guest-1"));
  names.noticed("Ann has joined");
  assertEquals(names.latest.length, 1000);
});
