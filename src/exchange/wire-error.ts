import { STATUS_CODES } from 'node:http';
import { assert } from '../core/assert.js';
import type { EpochMs, VenueId } from '../core/units.js';
import { BINANCE_CODES, BINANCE_TEXTS } from './ccxt-binance-classes.js';
import type { CcxtErrorName } from './ccxt-errors.js';
import { ccxtErrors } from './ccxt-errors.js';
import { rowOf } from './certainty-table.js';
import type { WireMethod, WirePath } from './wire-endpoints.js';
import { endpointOf } from './wire-endpoints.js';

/** An error answer as it stands on the wire. */
export interface WireErrorAnswer {
  readonly http: number;
  /** `error.name` of Upbit, `code` of Binance; absent when the body is not the venue's JSON. */
  readonly code?: string | undefined;
  /** The venue's text; by default what the certainty table has for the code, or the status's reason phrase. */
  readonly message?: string | undefined;
  /** By default JSON when there is a code, else text. */
  readonly bodyForm?: 'json' | 'text' | 'html' | undefined;
  /** Adds the end of a ban to the text, as Binance's 418 does. */
  readonly bannedUntil?: EpochMs | undefined;
  /** What follows `?` in the URL of a GET or DELETE; it stands in the message of answers that are not JSON. */
  readonly query?: string | undefined;
}

export type CcxtError = InstanceType<(typeof ccxtErrors)['BaseError']>;

/** The id that begins every message: ccxt's name of the client. */
const CLIENT_ID: Readonly<Record<VenueId, string>> = { upbit: 'upbit', binance: 'binanceusdm' };

/** `httpExceptions` of ccxt 4.5.84; other statuses raise nothing there. */
const STATUS_CLASSES: Readonly<Record<number, CcxtErrorName>> = {
  ...Object.fromEntries(
    [400, 403, 404, 405, 409, 410, 451, 500, 501, 502, 503, 520, 521, 522, 525, 526, 530].map((status) => [status, 'ExchangeNotAvailable' as const]),
  ),
  401: 'AuthenticationError',
  407: 'AuthenticationError',
  511: 'AuthenticationError',
  408: 'RequestTimeout',
  504: 'RequestTimeout',
  418: 'DDoSProtection',
  422: 'ExchangeError',
  429: 'RateLimitExceeded',
};

/** Statuses that are an error whatever the body is; the others raise one only with the venue's JSON. */
export const ERROR_STATUSES: readonly number[] = Object.keys(STATUS_CLASSES).map(Number);

/**
 * The error that the ccxt client of `venue` throws for this answer to `method`: same class, same message
 * (tested against the real clients for every row of the certainty table).
 *
 * @throws InternalError for an answer that is no error to ccxt, such as a page with status 529.
 */
export function wireError(venue: VenueId, method: WireMethod | WirePath, answer: WireErrorAnswer): CcxtError {
  const body = bodyOf(venue, answer);
  const id = CLIENT_ID[venue];
  const reason = STATUS_CODES[answer.http] ?? '';
  const limited = answer.http === 418 || answer.http === 429;
  if (venue === 'binance' && limited) return make('DDoSProtection', `${id} ${answer.http} ${reason} ${body}`);
  if (venue === 'binance') {
    const filter = filterError(id, body);
    if (filter !== undefined) return filter;
  }
  if (formOf(answer) === 'json') {
    const code = codeOf(venue, answer);
    const message = messageOf(venue, answer);
    return venue === 'upbit' ? make(upbitClass(code, message), `${id} ${body}`) : binanceError(id, code, message, body);
  }
  const name = STATUS_CLASSES[answer.http];
  assert(name !== undefined, `HTTP ${answer.http} without the venue's JSON is no error to ccxt`);
  return make(name, `${id} ${endpointOf(venue, method, answer.query)} ${answer.http} ${reason} ${body}`);
}

/** The error of a call that nobody answered in time (ccxt's own `timeout`, 10 s unless set). */
export function timeoutError(venue: VenueId, method: WireMethod | WirePath, timeoutMs: number, query?: string): CcxtError {
  return make('RequestTimeout', `${CLIENT_ID[venue]} ${endpointOf(venue, method, query)} request timed out (${timeoutMs} ms)`);
}

/** How a connection breaks before an answer, and Node's words for it. */
export type BrokenConnection = 'reset' | 'closed' | 'dns' | 'refused';

const HOST: Readonly<Record<VenueId, string>> = { upbit: 'api.upbit.com', binance: 'fapi.binance.com' };

export function networkError(venue: VenueId, method: WireMethod | WirePath, how: BrokenConnection, query?: string): CcxtError {
  const words = {
    reset: 'read ECONNRESET',
    closed: 'other side closed',
    dns: `getaddrinfo ENOTFOUND ${HOST[venue]}`,
    refused: 'connect ECONNREFUSED 127.0.0.1:443',
  }[how];
  return make('NetworkError', `${CLIENT_ID[venue]} ${endpointOf(venue, method, query)} fetch failed: ${words}`);
}

/** The error of a connection that breaks while the body is read: Node's own, since ccxt does not catch it there. */
export function brokenBodyError(): Error {
  return Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' });
}

/** The body of the answer, as the venue sends it. */
export function bodyOf(venue: VenueId, answer: WireErrorAnswer): string {
  const form = formOf(answer);
  const message = messageOf(venue, answer);
  if (form === 'html') {
    const title = `${answer.http} ${STATUS_CODES[answer.http] ?? ''}`.trim();
    return `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n</body>\r\n</html>`;
  }
  if (form === 'text') return message;
  const code = codeOf(venue, answer);
  return JSON.stringify(venue === 'upbit' ? { error: { name: numeric(code), message } } : { code: numeric(code), msg: message });
}

const formOf = ({ bodyForm, code }: WireErrorAnswer): 'json' | 'text' | 'html' => bodyForm ?? (code === undefined ? 'text' : 'json');

/** The code that a status comes with when the caller names none. */
function codeOf(venue: VenueId, { code, http }: WireErrorAnswer): string {
  if (code !== undefined) return code;
  if (venue === 'binance') return http === 418 || http === 429 ? '-1003' : http === 408 ? '-1007' : '-1000';
  return http === 429 ? 'too_many_requests' : http === 418 ? 'blocked' : http >= 500 ? 'server_error' : 'validation_error';
}

function messageOf(venue: VenueId, answer: WireErrorAnswer): string {
  const { http, message, bannedUntil } = answer;
  if (bannedUntil !== undefined)
    return `Way too many requests; IP banned until ${bannedUntil}. Please use the websocket for live updates to avoid bans.`;
  if (message !== undefined) return message;
  const row = formOf(answer) === 'json' ? rowOf(venue, codeOf(venue, answer)) : undefined;
  const known = row?.answer.kind === 'http' ? textIn(row.answer.body) : undefined;
  return known ?? STATUS_CODES[http] ?? `HTTP ${http}`;
}

function textIn(body: string): string | undefined {
  const parsed = JSON.parse(body) as { msg?: string; error?: { message?: string } };
  return parsed.msg ?? parsed.error?.message;
}

/** Codes of Binance are numbers, and so are the names of Upbit's errors on quotation calls. */
const numeric = (code: string): number | string => (/^-?\d+$/.test(code) ? Number(code) : code);

const make = (name: CcxtErrorName, message: string): CcxtError => new ccxtErrors[name](message);

/** Substrings of Upbit's `message` and `name` that ccxt knows, in its order; whole texts first. */
const UPBIT_EXACT: Readonly<Record<string, CcxtErrorName>> = {
  'This key has expired.': 'AuthenticationError',
  'Missing request parameter error. Check the required parameters!': 'BadRequest',
  'side is missing, side does not have a valid value': 'InvalidOrder',
};
const UPBIT_BROAD: readonly (readonly [part: string, name: CcxtErrorName])[] = [
  ['thirdparty_agreement_required', 'PermissionDenied'],
  ['out_of_scope', 'PermissionDenied'],
  ['order_not_found', 'OrderNotFound'],
  ['insufficient_funds', 'InsufficientFunds'],
  ['invalid_access_key', 'AuthenticationError'],
  ['jwt_verification', 'AuthenticationError'],
  ['create_ask_error', 'ExchangeError'],
  ['create_bid_error', 'ExchangeError'],
  ['volume_too_large', 'InvalidOrder'],
  ['invalid_funds', 'InvalidOrder'],
];

function upbitClass(name: string, message: string): CcxtErrorName {
  const broad = (text: string): CcxtErrorName | undefined => UPBIT_BROAD.find(([part]) => text.includes(part))?.[1];
  return UPBIT_EXACT[message] ?? UPBIT_EXACT[name] ?? broad(message) ?? broad(name) ?? 'ExchangeError';
}

/** Texts in a body that ccxt looks for before it reads the code. */
function filterError(id: string, body: string): CcxtError | undefined {
  if (body.includes('Price * QTY is zero or less')) return make('InvalidOrder', `${id} order cost = amount * price is zero or less ${body}`);
  if (body.includes('LOT_SIZE')) return make('InvalidOrder', `${id} order amount should be evenly divisible by lot size ${body}`);
  if (!body.includes('PRICE_FILTER')) return undefined;
  const advice =
    'order price is invalid, i.e. exceeds allowed price precision, exceeds min price or max price limits or is invalid value in general, use this.priceToPrecision (symbol, amount)';
  return make('InvalidOrder', `${id} ${advice} ${body}`);
}

const codeClasses = new Map<string, CcxtErrorName>();
const textClasses = new Map<string, CcxtErrorName>();
for (const [name, codes] of Object.entries(BINANCE_CODES)) for (const code of codes) codeClasses.set(String(code), name as CcxtErrorName);
for (const [name, texts] of Object.entries(BINANCE_TEXTS)) for (const text of texts) textClasses.set(text, name as CcxtErrorName);
const BINANCE_BROAD: readonly (readonly [part: string, name: CcxtErrorName])[] = [
  ['has no operation privilege', 'PermissionDenied'],
  ['MAX_POSITION', 'BadRequest'],
  ['PERCENT_PRICE_BY_SIDE', 'InvalidOrder'],
];

function binanceError(id: string, code: string, message: string, body: string): CcxtError {
  const byText = textClasses.get(message) ?? BINANCE_BROAD.find(([part]) => message.includes(part))?.[1];
  if (byText !== undefined) return make(byText, `${id} ${message}`);
  const name = message === 'No need to change margin type.' ? 'MarginModeAlreadySet' : (codeClasses.get(code) ?? 'ExchangeError');
  return make(name, `${id} ${body}`);
}
