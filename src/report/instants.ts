const KST_OFFSET_MS = 9 * 3_600_000;
export const DAY_MS = 86_400_000;

/** `2025-09-03 15:04:05` in UTC. */
export function utc(t: number, withMs = false): string {
  return new Date(t)
    .toISOString()
    .replace('T', ' ')
    .slice(0, withMs ? 23 : 19);
}

/** The same instant on a clock in Seoul (UTC+9 all year). */
export function kst(t: number, withMs = false): string {
  return utc(t + KST_OFFSET_MS, withMs);
}
