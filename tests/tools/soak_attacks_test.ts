/** The attacks of those who are in a room; `nobody` is none. */
import { ATTACKS } from "./soak/attacks.ts";
import { testBriefly } from "./soak/briefly.ts";

testBriefly(
  ATTACKS.filter(({ at, name }) => at === "room" && name !== "nobody"),
);
