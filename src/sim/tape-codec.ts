import { formatFixed, isDecimal, parseFixed } from '../core/money.js';
import { InternalError } from '../core/assert.js';
import { InputError } from '../core/input-error.js';
import type { TapeEvent } from './tape-event.js';

/** `amount`: bigint in memory, decimal string on disk. `plain`: JSON as it is. */
type FieldKind = 'amount' | 'plain';
type EventType = TapeEvent['type'];
type FieldsOf<T extends EventType> = Readonly<Record<Exclude<keyof Extract<TapeEvent, { type: T }>, 'seq' | 't' | 'type'>, FieldKind>>;

// Every field of every event in the order it stands on disk: a field that is missing here does not compile.
const FIELDS: { readonly [T in EventType]: FieldsOf<T> } = {
  run: { version: 'plain', seed: 'plain', mode: 'plain', executor: 'plain', scenario: 'plain', dataHash: 'plain' },
  deposit: { venue: 'plain', asset: 'plain', amount: 'amount' },
  'flow.begin': {
    flow: 'plain',
    kind: 'plain',
    quantity: 'amount',
    decidedAt: 'plain',
    upbitMid: 'plain',
    binanceMid: 'plain',
    usdKrw: 'plain',
    premium: 'plain',
  },
  'flow.end': { flow: 'plain', outcome: 'plain', error: 'plain' },
  request: {
    request: 'plain',
    point: 'plain',
    venue: 'plain',
    method: 'plain',
    leg: 'plain',
    purpose: 'plain',
    flow: 'plain',
    clientOrderId: 'plain',
    orderId: 'plain',
    side: 'plain',
    orderType: 'plain',
    quantity: 'amount',
    cost: 'amount',
    price: 'amount',
    reduceOnly: 'plain',
    prepares: 'plain',
  },
  arrived: { request: 'plain' },
  answer: { request: 'plain', ok: 'plain', error: 'plain', code: 'plain', http: 'plain', message: 'plain' },
  'order.accepted': {
    venue: 'plain',
    orderId: 'plain',
    clientOrderId: 'plain',
    request: 'plain',
    leg: 'plain',
    purpose: 'plain',
    flow: 'plain',
    side: 'plain',
    orderType: 'plain',
    timeInForce: 'plain',
    quantity: 'amount',
    cost: 'amount',
    price: 'amount',
    reduceOnly: 'plain',
    positionSide: 'plain',
    mid: 'plain',
    copy: 'plain',
  },
  'order.refused': { venue: 'plain', request: 'plain', leg: 'plain', purpose: 'plain', flow: 'plain', code: 'plain', message: 'plain' },
  fill: {
    venue: 'plain',
    orderId: 'plain',
    tradeId: 'plain',
    leg: 'plain',
    purpose: 'plain',
    flow: 'plain',
    side: 'plain',
    price: 'amount',
    quantity: 'amount',
    quote: 'amount',
    fee: 'amount',
    feeAsset: 'plain',
    maker: 'plain',
    mid: 'plain',
    bestBid: 'plain',
    bestAsk: 'plain',
  },
  'order.ended': { venue: 'plain', orderId: 'plain', status: 'plain', executed: 'amount', leg: 'plain', flow: 'plain' },
  posting: { venue: 'plain', asset: 'plain', amount: 'amount', reason: 'plain', ref: 'plain' },
  funding: { rate: 'plain', markPrice: 'plain', position: 'amount', amount: 'amount' },
  forced: { kind: 'plain', quantity: 'amount', price: 'amount', fee: 'amount' },
  fault: { fault: 'plain', action: 'plain', stage: 'plain', request: 'plain', detail: 'plain' },
  process: { event: 'plain', incarnation: 'plain' },
  operator: { action: 'plain', level: 'plain' },
  mark: {
    why: 'plain',
    upbitMid: 'plain',
    binanceMid: 'plain',
    usdKrw: 'plain',
    usdtKrw: 'plain',
    premium: 'plain',
    spot: 'amount',
    perp: 'amount',
  },
  'premium.series': { times: 'plain', premium: 'plain', z: 'plain' },
  balance: { venue: 'plain', asset: 'plain', total: 'amount', locked: 'amount' },
  position: { quantity: 'amount', entryPrice: 'amount', unrealized: 'amount' },
  note: { text: 'plain' },
};

/** A field with the text before its value, worked out once. */
interface Field {
  readonly name: string;
  readonly kind: FieldKind;
  readonly label: string;
}

const ORDERED = new Map<string, readonly Field[]>(
  Object.entries(FIELDS).map(([type, fields]) => [
    type,
    Object.entries<FieldKind>(fields).map(([name, kind]) => ({ name, kind, label: `,"${name}":` })),
  ]),
);

/** One event as one line of JSON without its line feed: the same event gives the same bytes. */
export function encodeTapeEvent(event: TapeEvent): string {
  const values = event as unknown as Readonly<Record<string, unknown>>;
  let line = `{"seq":${event.seq},"t":${event.t},"type":"${event.type}"`;
  for (const { name, kind, label } of ORDERED.get(event.type) ?? []) {
    const value = values[name];
    if (value !== undefined) line += label + (kind === 'amount' ? amountText(event, name, value) : plainText(event, name, value));
  }
  return `${line}}`;
}

// Messages are made where they are needed: this is called for every field of every event.
function amountText(event: TapeEvent, name: string, value: unknown): string {
  if (typeof value !== 'bigint') throw new InternalError(`${event.type}.${name} is an amount`);
  return `"${formatFixed(value)}"`;
}

function plainText(event: TapeEvent, name: string, value: unknown): string {
  if (typeof value !== 'number') return JSON.stringify(value);
  if (!Number.isFinite(value)) throw new InternalError(`${event.type}.${name} is a finite number`);
  return String(value);
}

/**
 * Reads one line back.
 *
 * @throws InputError when the line is not an event of this version.
 */
export function decodeTapeEvent(line: string, place: { readonly file?: string; readonly line?: number } = {}): TapeEvent {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw new InputError('not a line of JSON', place, 'The tape was cut or edited; run again to get a whole one.');
  }
  const record = (typeof parsed === 'object' && parsed !== null ? parsed : {}) as Record<string, unknown>;
  const type = record['type'];
  const fields = typeof type === 'string' ? ORDERED.get(type) : undefined;
  if (fields === undefined || typeof record['seq'] !== 'number' || typeof record['t'] !== 'number')
    throw new InputError(`not a tape event: expected seq, t and a known type, found ${line.slice(0, 80)}`, place);
  const event: Record<string, unknown> = { seq: record['seq'], t: record['t'], type };
  for (const { name, kind } of fields) {
    const value = record[name];
    if (value === undefined) continue;
    if (kind === 'plain') event[name] = value;
    else if (typeof value === 'string' && isDecimal(value)) event[name] = parseFixed(value);
    else throw new InputError(`expected a decimal string, found ${JSON.stringify(value)}`, { ...place, key: name });
  }
  return event as unknown as TapeEvent;
}
