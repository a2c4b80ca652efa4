import { InternalError } from '../core/assert.js';
import { InputError, type InputPlace } from '../core/input-error.js';
import { formatFixed, isDecimal, parseFixed } from '../core/money.js';
import type { JournalEvent, JournalRecord } from './journal-event.js';

/** How a field stands on disk. A trailing `?` marks one that may be absent. */
type Kind = 'amount' | 'instant' | 'number' | 'text' | 'flag' | 'texts' | 'checks';
type FieldKind = Kind | `${Kind}?`;
type EventType = JournalEvent['type'];
type FieldsOf<T extends EventType> = Readonly<Record<Exclude<keyof Extract<JournalEvent, { type: T }>, 't' | 'flow' | 'type'>, FieldKind>>;

/** Every field of every event in the order it stands on disk: a field that is missing here does not compile. */
const FIELDS: { readonly [T in EventType]: FieldsOf<T> } = {
  'flow.started': { kind: 'text', quantity: 'amount', positionIds: 'texts', decisionPremium: 'number?', decidedAt: 'instant' },
  preflight: { ok: 'flag', checks: 'checks' },
  intent: {
    intentId: 'text',
    clientOrderId: 'text',
    attempt: 'number',
    leg: 'text',
    venue: 'text',
    side: 'text',
    purpose: 'text',
    orderType: 'text',
    quantity: 'amount',
    limitPrice: 'amount?',
    reduceOnly: 'flag',
  },
  answer: {
    clientOrderId: 'text',
    operation: 'text',
    certainty: 'text',
    row: 'text',
    error: 'text?',
    orderId: 'text?',
    status: 'text?',
    executed: 'amount?',
  },
  'order.settled': {
    clientOrderId: 'text',
    orderId: 'text?',
    executed: 'amount',
    quoteExecuted: 'amount',
    fee: 'amount?',
    certainty: 'text',
    status: 'text?',
  },
  delta: { spot: 'amount', perp: 'amount', residual: 'amount' },
  'repair.started': { residual: 'amount', plan: 'text', reason: 'text' },
  'repair.ended': { residual: 'amount', proven: 'flag' },
  'flow.ended': { outcome: 'text', spot: 'amount', perp: 'amount', residual: 'amount', reason: 'text' },
  'position.opened': { positionId: 'text', quantity: 'amount', spotCostKrw: 'amount', perpProceedsUsdt: 'amount', openedAt: 'instant' },
  'position.changed': { positionId: 'text', quantity: 'amount', reason: 'text' },
  'position.closed': { positionId: 'text' },
  'holdings.adopted': { leg: 'text', from: 'amount', to: 'amount', reason: 'text', orders: 'texts?' },
  dust: { leg: 'text', quantity: 'amount', total: 'amount' },
  ban: { venue: 'text', until: 'instant', row: 'text' },
  halt: { level: 'text', reason: 'text' },
  resume: { by: 'text' },
  alert: { alert: 'text', severity: 'text', message: 'text', delivered: 'flag?' },
  'recovery.started': { openFlows: 'texts' },
  'recovery.ended': { resolved: 'number', residual: 'amount' },
  monitor: { spot: 'amount', perp: 'amount', marginRatio: 'number?', finding: 'text' },
  mark: { mark: 'text' },
};

/** The names of all events, as they stand on disk. */
export const JOURNAL_EVENT_TYPES: readonly string[] = Object.keys(FIELDS);

/** Words with a fixed choice: a journal with another word was written by something else. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  'flow.started.kind': ['enter', 'exit', 'recover', 'unwind'],
  'intent.leg': ['spot', 'perp'],
  'intent.venue': ['upbit', 'binance'],
  'intent.side': ['buy', 'sell'],
  'intent.purpose': ['open', 'hedge', 'close', 'rollback', 'repair'],
  'intent.orderType': ['market', 'limit-ioc'],
  'answer.operation': ['createOrder', 'cancelOrder', 'fetchOrder'],
  'answer.certainty': ['accepted', 'refused', 'unknown'],
  'order.settled.certainty': ['proven', 'presumed-zero'],
  'repair.started.plan': ['complete', 'unwind'],
  'flow.ended.outcome': ['hedged', 'flat', 'rolled-back', 'partially-rolled-back', 'aborted', 'locked'],
  'holdings.adopted.leg': ['spot', 'perp'],
  'dust.leg': ['spot', 'perp'],
  'ban.venue': ['upbit', 'binance'],
  'halt.level': ['opening', 'flatten', 'freeze'],
  'alert.severity': ['info', 'warning', 'critical'],
};

/** A field with everything about it that its kind says, worked out once. */
interface Field {
  readonly name: string;
  readonly kind: Kind;
  /** The text before its value. */
  readonly label: string;
  readonly isOptional: boolean;
  readonly words: readonly string[] | undefined;
}

interface Layout {
  readonly fields: readonly Field[];
  readonly names: ReadonlySet<string>;
}

const LAYOUTS: ReadonlyMap<string, Layout> = new Map(
  Object.entries(FIELDS).map(([type, kinds]: [string, Readonly<Record<string, FieldKind>>]) => {
    const fields = Object.entries(kinds).map(([name, kind]): Field => ({
      name,
      kind: kind.replace('?', '') as Kind,
      label: `,"${name}":`,
      isOptional: kind.endsWith('?'),
      words: WORDS[`${type}.${name}`],
    }));
    return [type, { fields, names: new Set(['seq', 't', 'flow', 'type', ...fields.map(({ name }) => name)]) }];
  }),
);

/** One record as one line of JSON without its line feed: the same record gives the same bytes. */
export function encodeJournalRecord(record: JournalRecord): string {
  const { event } = record;
  const values = event as unknown as Readonly<Record<string, unknown>>;
  const layout = LAYOUTS.get(event.type);
  if (layout === undefined) throw new InternalError(`unknown journal event: ${event.type}`);
  let line = `{"seq":${record.seq},"t":${event.t},"flow":${JSON.stringify(event.flow)},"type":"${event.type}"`;
  for (const { name, kind, label, isOptional } of layout.fields) {
    const value = values[name];
    if (value !== undefined) line += label + (kind === 'amount' ? amountText(event, name, value) : plainText(event, name, value));
    else if (!isOptional) throw new InternalError(`${event.type}.${name} is given`);
  }
  return `${line}}`;
}

// Messages are made where they are needed: this is called for every field of every record.
function amountText({ type }: JournalEvent, name: string, value: unknown): string {
  if (typeof value !== 'bigint') throw new InternalError(`${type}.${name} is an amount`);
  return `"${formatFixed(value)}"`;
}

function plainText({ type }: JournalEvent, name: string, value: unknown): string {
  if (typeof value !== 'number') return JSON.stringify(value);
  if (!Number.isFinite(value)) throw new InternalError(`${type}.${name} is a finite number`);
  return String(value);
}

/**
 * Reads one line back, strictly: a journal that was cut, edited or written by another version must not be guessed at.
 *
 * @throws InputError that names the place and the field.
 */
export function decodeJournalRecord(line: string, place: InputPlace = {}): JournalRecord {
  const parsed = parseLine(line, place);
  const { seq, t, flow, type } = parsed;
  if (!isWhole(seq) || !isWhole(t) || typeof flow !== 'string' || typeof type !== 'string')
    throw new InputError(`not a journal record: expected seq, t, flow and type, found ${line.slice(0, 80)}`, place, HINT);
  const layout = LAYOUTS.get(type);
  if (layout === undefined) throw new InputError(`unknown journal event "${type}"`, { ...place, key: 'type' }, HINT);
  const event: Record<string, unknown> = { t, flow, type };
  for (const field of layout.fields) {
    const { name, words } = field;
    const value = decodeField(field, parsed[name], place);
    if (value === undefined) continue;
    if (words !== undefined && !words.includes(value as string))
      throw new InputError(`expected one of ${words.join(', ')}, found ${JSON.stringify(value)}`, { ...place, key: name }, HINT);
    event[name] = value;
  }
  const stranger = Object.keys(parsed).find((name) => !layout.names.has(name));
  if (stranger !== undefined) throw new InputError(`"${type}" has no such field`, { ...place, key: stranger }, HINT);
  return { seq, event: event as unknown as JournalEvent };
}

/**
 * Whether a record was cut off while it was written: no prefix of a record is JSON. A whole line that means nothing is
 * not torn but damaged, and is refused.
 */
export function isTornLine(line: string): boolean {
  try {
    JSON.parse(line);
    return false;
  } catch {
    return true;
  }
}

/** The lines without a last one that a crash cut off: its append was never acknowledged, so nothing followed from it. */
export function withoutTornTail(lines: readonly string[]): readonly string[] {
  const last = lines.at(-1);
  return last !== undefined && isTornLine(last) ? lines.slice(0, -1) : lines;
}

const HINT = 'The journal was cut, edited or written by another version; restore it from its backup before trading.';

function parseLine(line: string, place: InputPlace): Record<string, unknown> {
  let parsed: unknown;
  try {
    parsed = JSON.parse(line);
  } catch {
    throw new InputError(`not a line of JSON: ${line.slice(0, 80)}`, place, HINT);
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) throw new InputError('expected a mapping', place, HINT);
  return parsed as Record<string, unknown>;
}

const isWhole = (value: unknown): value is number => Number.isSafeInteger(value);
const isText = (value: unknown): value is string => typeof value === 'string';

const CHECKS: Readonly<Record<Kind, { readonly noun: string; readonly fits: (value: unknown) => boolean }>> = {
  amount: { noun: 'a decimal string', fits: (value) => isText(value) && isDecimal(value) },
  instant: { noun: 'milliseconds since 1970', fits: isWhole },
  number: { noun: 'a number', fits: (value) => typeof value === 'number' },
  text: { noun: 'text', fits: isText },
  flag: { noun: 'true or false', fits: (value) => typeof value === 'boolean' },
  texts: { noun: 'a list of texts', fits: (value) => Array.isArray(value) && value.every(isText) },
  checks: {
    noun: 'a list of checks',
    fits: (value) =>
      Array.isArray(value) &&
      value.every((check: unknown) => {
        const { name, ok, detail } = (check ?? {}) as Record<string, unknown>;
        return isText(name) && typeof ok === 'boolean' && isText(detail);
      }),
  },
};

function decodeField({ name, kind, isOptional }: Field, value: unknown, place: InputPlace): unknown {
  if (value === undefined && isOptional) return undefined;
  const { noun, fits } = CHECKS[kind];
  if (!fits(value))
    throw new InputError(`expected ${noun}, found ${value === undefined ? 'nothing' : JSON.stringify(value)}`, { ...place, key: name }, HINT);
  return kind === 'amount' ? parseFixed(value as string) : value;
}
