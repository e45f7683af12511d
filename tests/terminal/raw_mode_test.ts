import { assertEquals } from "@std/assert";
import { RawMode, type RawTerminal } from "../../lib/terminal/raw_mode.ts";
import { PURE } from "../kit/pure.ts";

/** A terminal that notes the modes that it is set to. */
class FakeTerminal {
  readonly modes: boolean[] = [];
  fault: Error | undefined;

  setRawMode(mode: boolean): RawTerminal {
    if (this.fault) throw this.fault;
    this.modes.push(mode);
    return this;
  }
}

Deno.test("RawMode puts off a mode while the terminal is busy", PURE, () => {
  const terminal = new FakeTerminal();
  let isBusy = false;
  const rawMode = new RawMode(terminal, () => isBusy);
  assertEquals(terminal.setRawMode(true), terminal);
  assertEquals(terminal.modes, [true]);
  isBusy = true;
  terminal.setRawMode(false);
  terminal.setRawMode(true);
  terminal.setRawMode(false);
  assertEquals(terminal.modes, [true]);
  rawMode.apply();
  rawMode.apply();
  assertEquals(terminal.modes, [true, false]);
});

Deno.test("RawMode bears a terminal that is gone", PURE, () => {
  const terminal = new FakeTerminal();
  new RawMode(terminal, () => false);
  terminal.fault = new Error("gone");
  terminal.setRawMode(true);
  assertEquals(terminal.modes, []);
});
