/**
 * Types of what is used of the standard library, which comes as plain
 * JavaScript. To be taken away when it comes from JSR.
 */

declare module "@std/cli/parse-args" {
  export function parseArgs(
    args: string[],
    options: {
      string: readonly string[];
      boolean?: readonly string[];
      collect?: readonly string[];
      alias?: Record<string, string>;
      unknown?(arg: string): boolean;
    },
  ): { _: string[]; [name: string]: unknown };
}

declare module "@std/fmt/bytes" {
  export function format(bytes: number): string;
}

declare module "@std/fmt/duration" {
  export function format(
    milliseconds: number,
    options: { ignoreZero: boolean },
  ): string;
}

declare module "@std/fmt/colors" {
  export function bold(text: string): string;
  export function cyan(text: string): string;
  export function dim(text: string): string;
  export function green(text: string): string;
  export function inverse(text: string): string;
  export function rgb8(text: string, color: number): string;
}

declare module "@std/streams/text-line-stream" {
  export class TextLineStream extends TransformStream<string, string> {}
}

declare module "@std/assert" {
  export function assert(value: unknown, message?: string): asserts value;
  export function assertEquals<T>(actual: T, right: T, message?: string): void;
  export function assertMatch(text: string, form: RegExp): void;
  export function assertRejects<E extends Error>(
    work: () => PromiseLike<unknown>,
    ErrorClass: abstract new (...args: never[]) => E,
    messageIncludes?: string,
  ): Promise<E>;
  export function assertStringIncludes(
    actual: string,
    expected: string,
    message?: string,
  ): void;
  export function assertThrows<E extends Error>(
    work: () => unknown,
    ErrorClass: abstract new (...args: never[]) => E,
    messageIncludes?: string,
  ): E;
}
