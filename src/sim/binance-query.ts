import { refused, type VenueReply } from './venue-reply.js';

/** Parameters of a request as they stand on the wire, without what signing adds. */
export type WireQuery = Readonly<Record<string, string | undefined>>;

/** How long and how large a list may be, and what else it may be asked by. */
export interface ListRule {
  readonly limitDefault: number;
  readonly limitMax: number;
  /** Whole numbers besides `limit`, `startTime` and `endTime`. */
  readonly integers?: readonly string[];
}

/** The part of a list that is asked for. */
export interface ListPart {
  readonly limit: number;
  readonly startTime: number | undefined;
  readonly endTime: number | undefined;
  /** The rule's other whole numbers, by name. */
  readonly numbers: Readonly<Record<string, number>>;
}

export const INVALID_SYMBOL = refused(400, '-1121', 'Invalid symbol.');

/** Of a parameter that a request needs and does not bear. */
export const missingParameter = (name: string): VenueReply =>
  refused(400, '-1102', `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);

export const illegalCharacters = (name: string, legal: string): VenueReply =>
  refused(400, '-1100', `Illegal characters found in parameter '${name}'; legal range is '${legal}'.`);

const invalidData = (name: string): VenueReply => refused(400, '-1130', `Data sent for parameter '${name}' is not valid.`);

export const isReply = (result: object): result is VenueReply => 'ok' in result;

/** Reads the parameters that most lists have, as Binance checks them. */
export function listPart(query: WireQuery, rule: ListRule): ListPart | VenueReply {
  const numbers: Record<string, number> = {};
  for (const name of ['limit', 'startTime', 'endTime', ...(rule.integers ?? [])]) {
    const text = query[name];
    if (text === undefined) continue;
    if (!/^\d{1,20}$/.test(text)) return illegalCharacters(name, '^[0-9]{1,20}$');
    numbers[name] = Number(text);
  }
  const { limit = rule.limitDefault, startTime, endTime, ...rest } = numbers;
  if (limit < 1 || limit > rule.limitMax) return invalidData('limit');
  if (startTime !== undefined && endTime !== undefined && startTime > endTime) return refused(400, '-1023', 'Start time is greater than end time.');
  return { limit, startTime, endTime, numbers: rest };
}

/** What of rows in the order of time a list shows: from a start on the oldest, else the latest; always oldest first. */
export function sliced<Row>(rows: readonly Row[], timeOf: (row: Row) => number, { limit, startTime, endTime }: ListPart): readonly Row[] {
  const within = rows.filter((row) => timeOf(row) >= (startTime ?? -Infinity) && timeOf(row) <= (endTime ?? Infinity));
  return startTime === undefined ? within.slice(-limit) : within.slice(0, limit);
}
