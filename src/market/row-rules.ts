import type { TableKind, UnitRange } from './table-schema.js';

/** What is wrong with a row: the column it shows in, the problem and what to do. */
export interface RowProblem {
  readonly column: string;
  readonly problem: string;
  readonly hint: string;
}

/** Reads a cell of the present row by column name; NaN when the cell is empty or the file lacks the column. */
export type Cell = (name: string) => number;

/** Half a unit of the fourth decimal and a little: tables that round the premium to 0.01 % still pass. */
const PREMIUM_TOLERANCE = 6e-5;

/** An instant in a message; the plain number when it is not one. */
export function instantText(ms: number): string {
  return Number.isFinite(ms) && Math.abs(ms) < 8.64e15 ? new Date(ms).toISOString().replace('.000Z', 'Z') : String(ms);
}

/** @returns undefined when `value` lies in the unit's range. */
export function unitProblem(column: string, value: number, range: UnitRange): RowProblem | undefined {
  if (value >= range.min && value <= range.max) return undefined;
  const hint = range.hints.find((guess) => value >= guess.min && value < guess.max)?.text ?? 'correct or remove the row';
  return { column, problem: `${value} is not ${range.unit} (expected ${range.min} to ${range.max})`, hint: sentence(hint) };
}

const sentence = (text: string): string => `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;

/** Time must strictly increase from row to row. */
export function timeProblem(previous: number, time: number): RowProblem | undefined {
  if (!Number.isInteger(time)) return { column: 'timestamp', problem: `${time} is not a whole number of milliseconds`, hint: 'Round it.' };
  if (time === previous) {
    return { column: 'timestamp', problem: `${instantText(time)} (${time}) is there twice`, hint: 'Remove the duplicate row.' };
  }
  if (time < previous) {
    return {
      column: 'timestamp',
      problem: `time runs backwards: ${instantText(time)} (${time}) follows ${instantText(previous)} (${previous})`,
      hint: 'Sort the file by timestamp, oldest first.',
    };
  }
  return undefined;
}

function candleProblem(cell: Cell): RowProblem | undefined {
  const [open, high, low, close] = [cell('open'), cell('high'), cell('low'), cell('close')];
  const hint = 'Check that the columns are not swapped; correct or remove the candle.';
  if (low > high) return { column: 'low', problem: `crossed candle: low ${low} lies above high ${high}`, hint };
  for (const [column, price] of [
    ['open', open],
    ['close', close],
  ] as const) {
    if (price > high) return { column, problem: `crossed candle: ${column} ${price} lies above high ${high}`, hint };
    if (price < low) return { column, problem: `crossed candle: ${column} ${price} lies below low ${low}`, hint };
  }
  return undefined;
}

function premiumProblem(cell: Cell): RowProblem | undefined {
  const binance = cell('binance_usdt');
  const foreign = Number.isNaN(binance) ? cell('bitstamp_usd') : binance;
  if (Number.isNaN(foreign))
    return { column: 'binance_usdt', problem: 'the cell is empty', hint: 'Every row needs the foreign price: remove the row.' };
  const [upbit, usdKrw, usdtKrw] = [cell('upbit_krw'), cell('usdkrw'), cell('upbit_usdt_krw')];
  return (
    ratioProblem('premium', cell('premium'), upbit / (foreign * usdKrw) - 1, 'upbit_krw / (foreign price * usdkrw) - 1') ??
    ratioProblem('usdt_premium', cell('usdt_premium'), usdtKrw / usdKrw - 1, 'upbit_usdt_krw / usdkrw - 1') ??
    ratioProblem('premium_vs_usdt', cell('premium_vs_usdt'), upbit / (foreign * usdtKrw) - 1, 'upbit_krw / (foreign price * upbit_usdt_krw) - 1')
  );
}

function ratioProblem(column: string, given: number, computed: number, formula: string): RowProblem | undefined {
  // An empty cell (or an empty input of the formula) leaves nothing to compare.
  if (Number.isNaN(given) || Number.isNaN(computed) || Math.abs(given - computed) <= PREMIUM_TOLERANCE) return undefined;
  const expected = computed.toFixed(8);
  if (Math.abs(given / 100 - computed) <= PREMIUM_TOLERANCE) {
    return { column, problem: `${given} is in percent, expected the fraction ${expected}`, hint: 'Divide the column by 100 (1 % is 0.01).' };
  }
  return {
    column,
    problem: `${given} does not follow from the row: ${formula} is ${expected}`,
    hint: 'One of the prices or the rate is wrong or stale; without this column it is computed.',
  };
}

/** What must hold between the cells of one row. */
export function rowProblem(kind: TableKind, cell: Cell): RowProblem | undefined {
  switch (kind) {
    case 'premium':
      return premiumProblem(cell);
    case 'upbit-candles':
    case 'binance-candles':
    case 'usdt-candles':
      return candleProblem(cell);
    case 'fx':
    case 'funding':
      return undefined;
    default:
      return kind satisfies never;
  }
}
