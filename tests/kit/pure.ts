/**
 * What tests of pure modules are run with.
 *
 * @module
 */

/**
 * No permission, which proves that they need none; and the sanitizers, which
 * see the timers and promises that are left behind.
 */
export const PURE = {
  permissions: "none",
  sanitizeOps: true,
  sanitizeResources: true,
} as const;
