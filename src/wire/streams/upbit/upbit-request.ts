/** What may be listened to with a key, and what without. */
const PRIVATE_TYPES = ['myOrder', 'myAsset'] as const;
const PUBLIC_TYPES = ['ticker', 'trade', 'orderbook'] as const;
export const CANDLE_UNITS = ['1s', '1m', '3m', '5m', '10m', '15m', '30m', '60m', '240m'] as const;
const FORMATS = ['DEFAULT', 'SIMPLE', 'JSON_LIST', 'SIMPLE_LIST'] as const;
const ORDERBOOK_UNITS: ReadonlySet<number> = new Set([1, 5, 15, 30]);
const ORDERBOOK_UNITS_DEFAULT = 30;

export type UpbitFormat = (typeof FORMATS)[number];
export type UpbitType = (typeof PRIVATE_TYPES)[number] | (typeof PUBLIC_TYPES)[number] | { readonly candle: (typeof CANDLE_UNITS)[number] };

/** A market that is listened to; `units` and `level` are of order books. */
export interface UpbitCode {
  readonly market: string;
  readonly units: number;
}

export interface UpbitSubscription {
  readonly type: UpbitType;
  /** As it was asked for. */
  readonly name: string;
  readonly codes: readonly UpbitCode[];
  readonly level: number;
  readonly snapshot: boolean;
  readonly realtime: boolean;
}

/** What a message of a client asks for. */
export type UpbitRequest =
  | { readonly kind: 'ping' }
  | { readonly kind: 'list'; readonly ticket: string; readonly format: UpbitFormat | undefined }
  | { readonly kind: 'subscribe'; readonly ticket: string; readonly format: UpbitFormat; readonly subscriptions: readonly UpbitSubscription[] };

/** Names of the venue's errors; the texts are ours where the venue's are not documented. */
const TEXTS = {
  INVALID_AUTH: '인증 정보가 올바르지 않습니다.',
  WRONG_FORMAT: 'Format이 맞지 않습니다.',
  NO_TICKET: 'Ticket 필드가 없습니다.',
  NO_TYPE: 'Type 필드가 없습니다.',
  NO_CODES: 'Codes 필드가 없습니다.',
  INVALID_PARAM: '지원하지 않는 파라미터입니다.',
} as const;

/** A request that is refused. */
export class UpbitStreamRefusal {
  readonly body: { readonly error: { readonly name: keyof typeof TEXTS; readonly message: string } };

  constructor(name: keyof typeof TEXTS) {
    this.body = { error: { name, message: TEXTS[name] } };
  }
}

type Part = Readonly<Record<string, unknown>>;

/** @param isPrivate - whether the connection bears a key. */
export function parseUpbitRequest(text: string, isPrivate: boolean): UpbitRequest | UpbitStreamRefusal {
  if (text.trim() === 'PING') return { kind: 'ping' };
  const parts = partsOf(text);
  if (parts === undefined) return new UpbitStreamRefusal('WRONG_FORMAT');
  const ticket = parts.find((part) => part['ticket'] !== undefined)?.['ticket'];
  if (typeof ticket !== 'string' || ticket === '') return new UpbitStreamRefusal('NO_TICKET');
  const named = parts.find((part) => part['format'] !== undefined)?.['format'];
  const format = FORMATS.find((each) => each === named);
  if (named !== undefined && format === undefined) return new UpbitStreamRefusal('INVALID_PARAM');
  const method = parts.find((part) => part['method'] !== undefined)?.['method'];
  if (method !== undefined) return method === 'LIST_SUBSCRIPTIONS' ? { kind: 'list', ticket, format } : new UpbitStreamRefusal('INVALID_PARAM');
  const typed = parts.filter((part) => part['ticket'] === undefined && part['format'] === undefined);
  if (typed.length === 0 || typed.some((part) => typeof part['type'] !== 'string')) return new UpbitStreamRefusal('NO_TYPE');
  const subscriptions: UpbitSubscription[] = [];
  for (const part of typed) {
    const subscription = subscriptionOf(part, isPrivate);
    if (subscription instanceof UpbitStreamRefusal) return subscription;
    subscriptions.push(subscription);
  }
  return { kind: 'subscribe', ticket, format: format ?? 'DEFAULT', subscriptions };
}

function partsOf(text: string): readonly Part[] | undefined {
  try {
    const parsed = JSON.parse(text) as unknown;
    if (!Array.isArray(parsed)) return undefined;
    return parsed.every((part) => typeof part === 'object' && part !== null && !Array.isArray(part)) ? (parsed as readonly Part[]) : undefined;
  } catch {
    return undefined;
  }
}

function subscriptionOf(part: Part, isPrivate: boolean): UpbitSubscription | UpbitStreamRefusal {
  const name = String(part['type']);
  const type = typeOf(name, isPrivate);
  if (type === undefined) return new UpbitStreamRefusal('INVALID_PARAM');
  const { codes } = part;
  // Assets have no market: naming one is an error.
  if (type === 'myAsset' && codes !== undefined) return new UpbitStreamRefusal('WRONG_FORMAT');
  if (!isPrivate && (codes === undefined || (Array.isArray(codes) && codes.length === 0))) return new UpbitStreamRefusal('NO_CODES');
  if (codes !== undefined && !(Array.isArray(codes) && codes.every((code) => typeof code === 'string')))
    return new UpbitStreamRefusal('WRONG_FORMAT');
  const onlySnapshot = flag(part, 'is_only_snapshot', 'isOnlySnapshot');
  const onlyRealtime = flag(part, 'is_only_realtime', 'isOnlyRealtime');
  const level = Number(part['level'] ?? 0);
  if (onlySnapshot === undefined || onlyRealtime === undefined || !Number.isFinite(level)) return new UpbitStreamRefusal('INVALID_PARAM');
  return {
    type,
    name,
    codes: ((codes ?? []) as readonly string[]).map(codeOf),
    level,
    snapshot: !onlyRealtime || onlySnapshot,
    realtime: !onlySnapshot || onlyRealtime,
  };
}

function typeOf(name: string, isPrivate: boolean): UpbitType | undefined {
  if (isPrivate) return PRIVATE_TYPES.find((each) => each === name);
  const unit = CANDLE_UNITS.find((each) => name === `candle.${each}`);
  return unit === undefined ? PUBLIC_TYPES.find((each) => each === name) : { candle: unit };
}

/** `KRW-BTC.15`: fifteen levels of it; any number that is not served gives thirty. */
function codeOf(text: string): UpbitCode {
  const [market = '', units = ''] = text.split('.');
  return { market, units: ORDERBOOK_UNITS.has(Number(units)) ? Number(units) : ORDERBOOK_UNITS_DEFAULT };
}

/** Undefined when it is no truth value; the older spelling is taken, too. */
function flag(part: Part, name: string, older: string): boolean | undefined {
  const value = part[name] ?? part[older] ?? false;
  return typeof value === 'boolean' ? value : undefined;
}
