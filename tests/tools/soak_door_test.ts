/** The attacks at a door, and of the one peer of a pair. */
import { ATTACKS } from "./soak/attacks.ts";
import { testBriefly } from "./soak/briefly.ts";

testBriefly(ATTACKS.filter(({ at }) => at !== "room"));
