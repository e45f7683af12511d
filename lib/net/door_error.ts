/**
 * Why someone stays outside.
 *
 * @module
 */
import { ConnectionError } from "../chat/endpoint.ts";

/** Why someone stays outside; each is the name of a phrase. */
export type DoorProblem =
  // What a server says of a client.
  | "not allowed"
  | "wrong password"
  | "too slow at the door"
  | "crowded out"
  | "left at the door"
  | "client without TLS"
  | "client with TLS"
  | "client refused TLS"
  // What a client says of a server.
  | "closed unasked"
  | "password wanted"
  | "no password wanted"
  | "password refused"
  | "server without TLS"
  | "server with TLS"
  | "server refused TLS"
  | "server silent"
  | "server silent, no TLS"
  | "certificate for another name"
  | "certificate of unknown authority"
  | "certificate of an authority"
  | "certificate out of date"
  | "room full"
  // What either says of the other, also when they have talked already.
  | "cut off";

/** A peer and its server do not come together, or not any more. */
export class DoorError extends Error {
  override readonly name = "DoorError";
  readonly problem: DoorProblem;

  constructor(problem: DoorProblem, options?: ErrorOptions) {
    super(`Cannot pass the door: ${problem}`, options);
    this.problem = problem;
  }
}

/**
 * Thrown for a connection of a server that only looks whether a Unix socket is
 * in use: it is no visitor, and nobody is told of it.
 */
export class OnlyALook extends Error {
  override readonly name = "OnlyALook";
}

/** Whether it is a server's asking for a password that was not given. */
export function isPasswordWanted(fault: unknown): boolean {
  // A connection says that it broke, and why.
  const problem = fault instanceof ConnectionError ? fault.cause : fault;
  return problem instanceof DoorError && problem.problem === "password wanted";
}
