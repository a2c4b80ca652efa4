/** What one client may ask of the server before it is turned away; ordinary clients stay far below. */
export const SERVER_LIMITS = {
  /** Request line and headers, in bytes: 431 above. */
  headerBytes: 16 * 1024,
  /** A request's body, in bytes: 413 above. Twenty orders of Binance are under 8 KiB. */
  bodyBytes: 64 * 1024,
  /** From the first byte of a request to the end of its headers: 408 after that. */
  headersMs: 10_000,
  /** The same to the end of its body. */
  requestMs: 30_000,
  /** A connection without a request is closed after this. */
  idleMs: 65_000,
  /** How often the two time-outs of a request are looked at. */
  checkMs: 1_000,
  /** Requests under way may end within this when the server closes. */
  closingMs: 500,
} as const;

export type ServerLimits = Readonly<Record<keyof typeof SERVER_LIMITS, number>>;
