import type { CcxtErrorName } from './ccxt-errors.js';
import { AuthenticationError, BaseError, ccxtErrors } from './ccxt-errors.js';

/**
 * What can still be read of an answer once ccxt has made an error of it. A ccxt error has no status and no
 * code: both stand in the text of its message, in one of these forms (base/Exchange.js, upbit.js, binance.js):
 *
 *     upbit POST https://api.upbit.com/v1/orders request timed out (10000 ms)
 *     upbit POST https://api.upbit.com/v1/orders fetch failed: read ECONNRESET
 *     upbit POST https://api.upbit.com/v1/orders 503 Service Unavailable <html>...
 *     binanceusdm 418 I'm a Teapot {"code":-1003,"msg":"..."}
 *     binanceusdm {"code":-2019,"msg":"Margin is insufficient."}
 *     binanceusdm order amount should be evenly divisible by lot size {"code":-1013,...}
 *     binanceusdm You are not authorized to execute this request.
 *
 * and, from the guards of a live client (`live/`), in the two forms that end in the texts below.
 */
export interface ErrorFacts {
  /** The key that the certainty table is looked up by. */
  readonly key: string;
  /** The answer's HTTP status, where the message holds it. */
  readonly status?: number | undefined;
  /** The venue's code (Binance) or error name (Upbit), where the message holds it. */
  readonly code?: string | undefined;
  readonly message: string;
}

/** What a guard says of an answer that ccxt stumbles over, and of one that ccxt makes an order without id of. */
export const UNREADABLE = 'the answer cannot be read';
export const NO_ORDER = 'the answer holds no order';

const NO_ANSWER = /^\S+ [A-Z]+ \S+ (request timed out|fetch failed|redirect to)/;
const GUARDED = new RegExp(`^\\S+ [A-Z]+ \\S+ (${UNREADABLE}|${NO_ORDER})`);
const WITH_URL = /^\S+ [A-Z]+ https?:\S+ (\d{3})(?: |$)/;
const WITHOUT_URL = /^\S+ (418|429)(?: |$)/;

/** Texts of errors that ccxt raises before it sends anything, and their classes. */
const UNSENT_TEXT =
  /requires (?:the price and amount|a price|a type|a side|a symbol|"\w+")|must be greater than minimum|is not a valid order type|supports only (?:limit or market|buy or sell)|does not have market symbol|the limit type order|the market sell type order/;
const UNSENT_CLASSES: readonly CcxtErrorName[] = ['ArgumentsRequired', 'InvalidOrder', 'BadSymbol', 'AuthenticationError', 'BadRequest'];

export function factsOf(error: unknown): ErrorFacts {
  const message = error instanceof Error ? error.message : String(error);
  if (!(error instanceof BaseError)) return { key: 'not ccxt', message };
  const guarded = GUARDED.exec(message);
  if (guarded !== null) return { key: guarded[1] === NO_ORDER ? 'order without id' : 'not ccxt', message };
  const noAnswer = NO_ANSWER.exec(message);
  if (noAnswer !== null) return { key: noAnswer[1] === 'request timed out' ? 'timeout' : 'network', message };

  const statusText = (WITH_URL.exec(message) ?? WITHOUT_URL.exec(message))?.[1];
  const status = statusText === undefined ? undefined : Number(statusText);
  const code = codeIn(message);
  // A limit or a failure of the server says more than whatever its body claims.
  const statusRules = status !== undefined && (status >= 500 || status === 418 || status === 429);
  if (code !== undefined && !statusRules) return { key: /^\d{3}$/.test(code) ? `http ${code}` : code, status, code, message };
  if (status !== undefined) return { key: `http ${status}`, status, code, message };

  if (UNSENT_TEXT.test(message) && UNSENT_CLASSES.some((name) => error instanceof ccxtErrors[name])) {
    return { key: error instanceof AuthenticationError ? 'unsent, no keys' : 'unsent', message };
  }
  return { key: `"${message.replace(/^\S+ /, '')}"`, message };
}

/** The code in the JSON body at the message's end: `code` of Binance, `error.name` of Upbit. */
function codeIn(message: string): string | undefined {
  const start = message.search(/[[{]/);
  if (start === -1) return undefined;
  const body = parsed(message.slice(start));
  const code = isRecord(body) ? (isRecord(body['error']) ? body['error']['name'] : body['code']) : undefined;
  return typeof code === 'string' || typeof code === 'number' ? String(code) : undefined;
}

function parsed(text: string): unknown {
  try {
    const value = JSON.parse(text) as unknown;
    // Cancelling several orders answers with a list; ccxt throws for a list of one.
    return Array.isArray(value) && value.length === 1 ? (value[0] as unknown) : value;
  } catch {
    return undefined;
  }
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;
