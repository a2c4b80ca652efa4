import { z } from 'zod';

import { TRANSPORT_MODES } from '../exchange/transport-fault.js';
import { DISK_FAULTS } from '../journal/simulated-disk.js';
import {
  decimalText,
  distribution,
  durationText,
  idText,
  instantText,
  oneKeyed,
  oneOrMany,
  signedDurationText,
  spanText,
  timeReference,
} from './schema-scalars.js';
import { STATE_OPERATORS, STATE_PATHS } from './state-predicate.js';
import { venueRules, world } from './world-schema.js';

const API_VERSION = z.literal('scenario/v1');
const leg = z.enum(['spot', 'perp']);
/** Besides the venues: the USD/KRW quote, and the channel that tells people. */
const target = z.enum(['upbit', 'binance', 'fx', 'alerts']);
const channel = z.enum(['orders', 'trades', 'book', 'balance']);
/** What an executor must have for a scenario's faults to reach it. */
const need = z.enum(['journal', 'step']);
const purpose = z.enum(['precheck', 'open', 'hedge', 'close', 'rollback', 'repair', 'recover', 'poll']);
const outcome = z.enum(['hedged', 'flat', 'rolled-back', 'partially-rolled-back', 'aborted', 'locked']);
const position = z.int().positive();
const share = z.number().min(0).max(1);
const legOrder = z.enum(['parallel', 'spot-first', 'perp-first']);

const nth = z.union([position, z.array(position).min(1), z.strictObject({ from: position, to: position.optional(), every: position.optional() })]);

const calendar = z.union([
  z.strictObject({
    /** CSV with `start,end` (ms, or instants with their zone) and optionally `venue`; further columns are for the reader. */
    file: z.string().min(1),
    shift: signedDurationText.optional(),
    fold: spanText.optional(),
  }),
  z.strictObject({ windows: z.array(z.tuple([instantText, instantText])).min(1), fold: spanText.optional() }),
]);

/** One condition on the truth at the venues. */
const predicate = z.strictObject({
  path: z.string().min(1).describe(STATE_PATHS.join(', ')),
  op: z.enum(STATE_OPERATORS),
  value: z.union([z.string(), z.boolean(), z.array(z.string()).min(1)]),
});

/** Which calls, or when. Every key that is given must match. */
const when = z.strictObject({
  venue: oneOrMany(target)
    .optional()
    .describe('a venue; fx, the USD/KRW quote that decisions see (only market strikes it); or alerts, the channel that tells people'),
  channel: oneOrMany(channel).optional().describe('of a stream; every channel unless given'),
  method: oneOrMany(z.string().min(1)).optional().describe('ccxt unified names, or mutating, read, *; every way of creating an order is createOrder'),
  leg: leg.optional().describe('spot is Upbit, perp is Binance'),
  purpose: oneOrMany(purpose).optional().describe('what the call is for, as the simulator derives it'),
  side: z.enum(['buy', 'sell']).optional(),
  orderType: z.enum(['limit', 'market', 'market-by-cost']).optional(),
  reduceOnly: z.boolean().optional(),
  nth: nth.optional().describe('which of the matching calls, from 1'),
  countPer: z.enum(['run', 'flow', 'leg']).optional().describe('what nth starts anew with; flow unless given, leg is a leg within a flow'),
  probability: z.number().gt(0).max(1).optional().describe('drawn from seed, fault and call; the faults of a group share one draw a flow'),
  state: z.array(predicate).min(1).optional().describe('what must be true of the venues when the call leaves; all of them'),
  flow: z.int().nonnegative().optional().describe('flows count from 1; 0 is between flows'),
  incarnation: z.int().nonnegative().optional().describe('lives of the process count from 0'),
  point: z.string().min(1).optional().describe('one exact call, as the tape names it, or one exact step of the process'),
  step: z
    .string()
    .min(1)
    .optional()
    .describe('a step of the process instead of a call: binance.createOrder.pre, .sent or .got; journal.append(intent,perp).before or .after'),
  from: timeReference.optional().describe('calls from then on'),
  until: timeReference.optional().describe('calls before then'),
  at: timeReference.optional().describe('a timer instead of a call, for whatever does not happen to a single call'),
  calendar: calendar.optional().describe('windows of an outage calendar instead of a call'),
});

/** What happens: one action. */
const inject = oneKeyed(
  {
    lose: z
      .strictObject({ part: z.enum(['request', 'response']), as: z.enum(['timeout', 'reset', 'dns']).default('timeout') })
      .describe('the request never arrives, or the answer never comes back'),
    delay: z
      .strictObject({ part: z.enum(['limiter', 'request', 'response']), by: distribution })
      .describe(
        'added to the latency of one direction, or, with limiter, to the time the request is held back in our own process before it is signed',
      ),
    duplicate: z
      .strictObject({ part: z.enum(['request', 'response']), after: distribution })
      .describe('the request arrives a second time, or its answer does'),
    garble: z
      .strictObject({
        mode: z.enum(['truncated-json', 'html-page', 'empty-body', 'wrong-type', 'missing-field', 'other-order', 'unmapped-status']),
        field: z.string().min(1).optional(),
        status: z.string().min(1).optional(),
      })
      .describe('the venue acts, and what comes back with status 200 is broken; the client gets what ccxt makes of it'),
    transport: z
      .strictObject({ mode: z.enum(TRANSPORT_MODES), processed: z.boolean().default(true), over: distribution.optional() })
      .describe('the connection breaks the answer as only a socket can; without processed a proxy broke before the venue saw the request'),
    stale: z.strictObject({ by: durationText }).describe('the read shows the venue as it was that long ago'),
    reject: z
      .strictObject({
        http: z.int().min(400).max(599).optional(),
        error: z.string().optional(),
        code: z.string().optional(),
        retryAfter: durationText.optional(),
        processed: z.boolean().default(false),
        items: z.enum(['all', 'first', 'last']).default('all'),
      })
      .describe('answered with this error; with processed the venue acts first and the error hides it'),
    notFound: z.strictObject({ for: durationText }).describe('reads of the order deny it, from the first one on for so long'),
    fill: z
      .strictObject({
        fraction: z.number().min(0).max(1),
        pieces: z.int().positive().default(1),
        after: distribution.optional(),
        then: z.enum(['rest', 'fill', 'expire', 'cancel', 'reject', 'prevent']).default('rest'),
        thenAfter: distribution.optional(),
        slipBp: z.number().default(0),
      })
      .describe('how the order is executed, whatever the book says'),
    cancelRace: z
      .strictObject({ fillFraction: z.number().min(0).max(1), report: z.enum(['canceled', 'not-open', 'timeout']) })
      .describe('the cancel crosses a fill of this fraction'),
    fillAfterCancel: z
      .strictObject({ fraction: z.number().gt(0).max(1), after: distribution })
      .describe('after the order ended short of its quantity the venue corrects itself: this fraction executed after all'),
    stuck: z.strictObject({ state: z.enum(['open', 'pending-new', 'pending-cancel']), for: spanText }).describe('the order stays in this state'),
    outage: z
      .strictObject({
        /** Left out with a calendar, which says how long. */
        for: z.union([spanText, distribution]).optional(),
        as: z.enum(['timeout', 'reset', 'refused', 'http503', 'maintenance', 'html-page']),
        scope: z.enum(['all', 'private', 'public', 'orders']).default('all'),
      })
      .describe('the venue is down for a while; fires once a request meets it'),
    ban: z
      .strictObject({ for: durationText, extendOnHit: durationText.default('0ms') })
      .describe('418 for a while, longer with each request sent during it; fires once a request meets it'),
    link: z
      .strictObject({
        gilbertElliott: z.strictObject({ p: share, r: share, lossGood: share.default(0), lossBad: share.default(1) }),
        for: spanText.optional(),
      })
      .describe('each request and each answer is lost in bursts: p from good to bad, r back, and the loss in each state'),
    market: z
      .strictObject({
        halt: z.boolean().default(false),
        gapBp: z.number().gt(-10_000).default(0),
        depthFactor: z.number().min(0).default(1),
        spreadBp: z.number().min(0).optional(),
        for: spanText.optional(),
      })
      .describe('price, depth, spread or matching of a venue change; without a venue of both'),
    account: z
      .strictObject({
        balance: z.record(z.string(), decimalText).optional(),
        liquidate: z.number().gt(0).max(1).optional(),
        adl: z.number().gt(0).max(1).optional(),
        closedByHand: z.number().gt(0).max(1).optional(),
        fundingRate: z.number().optional(),
        positionMode: z.enum(['oneway', 'hedge']).optional(),
        leverage: z.int().positive().optional(),
        key: z.enum(['revoked', 'ip-blocked', 'read-only']).optional(),
        rules: venueRules.optional(),
      })
      .describe('somebody else changes the account: new totals, liquidation, deleveraging, settings, rules of the venue'),
    crash: z
      .strictObject({ restartAfter: z.union([durationText, z.literal('never')]), unsynced: z.enum(['lost', 'kept', 'torn']).default('lost') })
      .describe('the process dies; its last journal record is lost, kept or half written'),
    stall: z.strictObject({ for: durationText }).describe('the event loop of the process stands still; then everything that was due happens at once'),
    clock: z
      .strictObject({ jump: signedDurationText.optional(), driftPpm: z.number().optional() })
      .describe('the wall clock of the process jumps or drifts; its monotonic clock does not'),
    disk: z
      .strictObject({ error: z.enum(DISK_FAULTS), for: spanText.optional() })
      .describe(
        'the disk of the journal fails; fires once an append meets it. For old-backup, for is the age of the backup that the next start finds',
      ),
    operator: z
      .strictObject({ halt: z.enum(['opening', 'flatten', 'freeze']), resumeAfter: durationText.optional() })
      .describe('somebody throws the kill switch at this level, and releases it so long after'),
    twin: z.strictObject({ startAfter: durationText.default('0ms') }).describe('a second instance is started over the same journal'),
    stream: z
      .strictObject({
        action: z.enum(['disconnect', 'mute', 'gap', 'duplicate', 'reorder', 'stale', 'key-expired', 'bad-snapshot']),
        for: spanText.optional(),
        count: z.int().positive().optional(),
      })
      .describe("a venue's stream misbehaves for a while or for so many events; fires once an event meets it"),
  },
  'inject',
);

export const faultSchema = z
  .strictObject({
    id: idText,
    when,
    inject,
    limit: z
      .strictObject({ times: z.int().positive().optional(), concurrent: z.int().positive().optional(), cooldown: durationText.optional() })
      .optional()
      .describe('once unless given; {} is as often as it matches'),
    group: idText.optional().describe('faults that are one cause: all of them fire or none'),
    required: z.boolean().default(true).describe('a required fault that never fires fails the scenario'),
    note: z.string().optional(),
  })
  .meta({ id: 'Fault' });

const executor = z.strictObject({
  preset: z.string().min(1).optional(),
  restartAfter: durationText.optional(),
  /** Three words of the scenario language; every other key is handed to the executor's policy as it is. */
  policy: z
    .object({ orderStyle: z.enum(['ioc', 'market']).optional(), legs: legOrder.optional(), repair: z.enum(['complete', 'unwind']).optional() })
    .catchall(z.union([z.string(), z.number(), z.boolean()]))
    .optional(),
});

const clock = z.strictObject({ start: instantText.optional(), maxVirtual: durationText.optional(), quietPeriod: durationText.optional() });

const at = { at: timeReference.optional() };
const ends = { ends: oneOrMany(outcome).optional() };
const step = z.discriminatedUnion('do', [
  z.strictObject({ do: z.literal('enter'), qty: decimalText, order: legOrder.optional(), ...at, ...ends }),
  z.strictObject({ do: z.literal('exit'), ...at, ...ends }),
  /** The strategy decides over the run's data. */
  z.strictObject({ do: z.literal('trade') }),
  /** Nothing new for so long; the executor's monitor goes on. */
  z.strictObject({ do: z.literal('hold'), for: durationText }),
  z.strictObject({ do: z.literal('kill-switch'), level: z.enum(['opening', 'flatten', 'freeze']).default('opening'), ...at }),
  z.strictObject({ do: z.literal('unlock'), ...at }),
  z.strictObject({ do: z.literal('restart'), ...at }),
]);

const expectation = z.strictObject({
  outcome: oneOrMany(outcome),
  within: durationText,
  final: z
    .strictObject({
      netDelta: decimalText.optional(),
      openOrders: z.int().nonnegative().optional(),
      entryLocked: z.boolean().optional(),
      spot: decimalText.optional(),
      perp: decimalText.optional(),
      /** Allowed on netDelta, spot and perp: market orders leave dust, orders by volume do not. */
      tolerance: decimalText.optional(),
    })
    .default({}),
  budget: z
    .strictObject({
      maxUnhedged: decimalText.optional(),
      maxUnhedgedFor: durationText.optional(),
      rollbackCostBp: z.number().optional(),
      orders: z.int().nonnegative().optional(),
      requests: z.int().nonnegative().optional(),
    })
    .default({}),
  /** Bounds over a whole trading run (`do: trade`). */
  run: z
    .strictObject({
      flowsMin: z.int().positive().optional(),
      allFlowsTerminal: z.boolean().optional(),
      nakedKrwSecondsMax: decimalText.optional(),
      rollbackSuccessMin: z.number().min(0).max(1).optional(),
      rollbackCostKrwMax: decimalText.optional(),
      rollbackCostBpMax: z.number().nonnegative().optional(),
    })
    .default({}),
  alerts: z.array(z.string()).default([]),
  sometimes: z.array(z.string()).default([]),
  never: z.array(z.string()).default([]),
  waive: z
    .array(z.strictObject({ oracle: z.string().regex(/^[ILM]\d{1,2}$/, 'an oracle such as I3, L1 or M5'), reason: z.string().min(10) }))
    .default([]),
});

const include = z.array(z.string().regex(/^[\w./-]+\.ya?ml(#[\w-]+)?$/, 'a library file and fragment such as lib/venues.yaml#calm')).default([]);
const params = z.record(z.string().regex(/^\w+$/, 'a name of letters, digits and _'), z.union([z.string(), z.number(), z.boolean()])).default({});

export const scenarioSchema = z.strictObject({
  apiVersion: API_VERSION,
  kind: z.literal('Scenario'),
  id: idText,
  title: z.string().min(1),
  tags: z.array(z.string()).default([]),
  needs: oneOrMany(need).optional().describe('an executor without it is not judged, since the faults cannot reach it'),
  include,
  params,
  seeds: z.union([z.int().nonnegative(), z.strictObject({ from: z.int().nonnegative(), count: z.int().positive() })]).default(1),
  clock: clock.optional(),
  world: world.optional(),
  executor: executor.optional(),
  flow: z.array(step).min(1),
  faults: z.array(faultSchema).default([]),
  expect: expectation,
  found: z
    .strictObject({
      by: z.enum(['enumerate', 'pairs', 'crash-sweep', 'swarm', 'property', 'hand']),
      seed: z.int().nonnegative().optional(),
      commit: z.string().optional(),
      oracle: z.string(),
      traceHash: z.string(),
      shrunkFrom: z.int().positive().optional(),
    })
    .optional()
    .describe('where an explorer found it; written by the shrinker'),
});

export const fragmentSchema = z.strictObject({
  include,
  params,
  clock: clock.optional(),
  world: world.optional(),
  executor: executor.optional(),
  faults: z.array(faultSchema).default([]),
});

export const librarySchema = z.strictObject({ apiVersion: API_VERSION, kind: z.literal('Library'), fragments: z.record(idText, fragmentSchema) });

export type ScenarioFile = z.infer<typeof scenarioSchema>;
/** A scenario before defaults are put in, as a file writes it. */
export type ScenarioInput = z.input<typeof scenarioSchema>;
/** A fault before defaults are put in, as a file or a planner writes it. */
export type FaultInput = z.input<typeof faultSchema>;
export type FaultFile = z.infer<typeof faultSchema>;
export type WhenFile = z.infer<typeof when>;
export type InjectFile = z.infer<typeof inject>;
export type StepFile = z.infer<typeof step>;
export type ExpectFile = z.infer<typeof expectation>;

/** JSON Schema of scenario and library files, for editors (`hedgedrill scenario schema`). */
export function scenarioJsonSchema(): object {
  return z.toJSONSchema(z.discriminatedUnion('kind', [scenarioSchema, librarySchema]), {
    io: 'input',
    target: 'draft-2020-12',
    override: ({ jsonSchema }) => allowParameter(jsonSchema),
  });
}

/** An editor sees the file before `${name}` is put in, where any scalar may be a parameter. */
function allowParameter(schema: z.core.JSONSchema.BaseSchema): void {
  if (typeof schema.pattern === 'string') schema.pattern = `${schema.pattern}|\\$\\{\\w+\\}`;
  if (schema.type !== 'number' && schema.type !== 'integer') return;
  const own = { ...schema };
  for (const key of Object.keys(schema)) delete schema[key];
  schema.anyOf = [own, { type: 'string', pattern: '^\\$\\{\\w+\\}$' }];
}
