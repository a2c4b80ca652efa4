/** How a venue cuts time into candles: by their first instants. */
export interface CandleFrame {
  /** The first instant of the candle that holds `at`. */
  startOf(at: number): number;
  /** The first instant of the candle after the one that begins at `start`. */
  next(start: number): number;
  previous(start: number): number;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** Weeks begin on Mondays; the epoch was a Thursday. */
const FIRST_MONDAY = 4 * DAY;

function evenFrame(lengthMs: number, anchor = 0): CandleFrame {
  return {
    startOf: (at) => Math.floor((at - anchor) / lengthMs) * lengthMs + anchor,
    next: (start) => start + lengthMs,
    previous: (start) => start - lengthMs,
  };
}

/** Calendar months of UTC, so many at a time, counted from January. */
function monthFrame(months: number): CandleFrame {
  const shifted = (at: number, by: number): number => {
    const date = new Date(at);
    return Date.UTC(date.getUTCFullYear(), Math.floor(date.getUTCMonth() / months) * months + by, 1);
  };
  return { startOf: (at) => shifted(at, 0), next: (start) => shifted(start, months), previous: (start) => shifted(start, -months) };
}

/** Upbit's, by the path behind `/v1/candles/`; all of them begin on the hour, day, Monday or first of UTC. */
export const UPBIT_FRAMES: Readonly<Record<string, CandleFrame>> = {
  seconds: evenFrame(SECOND),
  ...Object.fromEntries([1, 3, 5, 10, 15, 30, 60, 240].map((unit) => [`minutes/${unit}`, evenFrame(unit * MINUTE)])),
  days: evenFrame(DAY),
  weeks: evenFrame(7 * DAY, FIRST_MONDAY),
  months: monthFrame(1),
  years: monthFrame(12),
};

/** Binance's, by `interval`. */
export const BINANCE_FRAMES: Readonly<Record<string, CandleFrame>> = {
  '1m': evenFrame(MINUTE),
  '3m': evenFrame(3 * MINUTE),
  '5m': evenFrame(5 * MINUTE),
  '15m': evenFrame(15 * MINUTE),
  '30m': evenFrame(30 * MINUTE),
  '1h': evenFrame(HOUR),
  '2h': evenFrame(2 * HOUR),
  '4h': evenFrame(4 * HOUR),
  '6h': evenFrame(6 * HOUR),
  '8h': evenFrame(8 * HOUR),
  '12h': evenFrame(12 * HOUR),
  '1d': evenFrame(DAY),
  '3d': evenFrame(3 * DAY),
  '1w': evenFrame(7 * DAY, FIRST_MONDAY),
  '1M': monthFrame(1),
};
