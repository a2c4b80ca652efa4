import { z } from 'zod';

import { InputError } from '../core/input-error.js';
import { isDecimal, parseFixed, type Btc } from '../core/money.js';
import { problemsOf } from '../core/zod-problems.js';

/** One parameter of the executor as the table shows it. */
interface Parameter<S extends z.ZodType> {
  readonly schema: S;
  readonly unit: string;
  readonly reason: string;
}

const parameter = <S extends z.ZodType>(schema: S, unit: string, reason: string): Parameter<S> => ({ schema, unit, reason });

const ms = (byDefault: number, least = 0): z.ZodDefault<z.ZodInt> => z.int().min(least).default(byDefault);
const count = (byDefault: number, least = 0): z.ZodDefault<z.ZodInt> => z.int().min(least).default(byDefault);
const bp = (byDefault: number): z.ZodDefault<z.ZodNumber> => z.number().min(0).max(10_000).default(byDefault);
const ratio = (byDefault: number): z.ZodDefault<z.ZodNumber> => z.number().min(0).max(1).default(byDefault);
/** Decimal text, as amounts are at every border. */
const decimalBtc = z
  .string()
  .refine((text) => isDecimal(text) && !text.startsWith('-'), 'expected a decimal string of BTC, such as "0.001"')
  .transform((text) => parseFixed<Btc>(text));
const btc = (byDefault: string): z.ZodPrefault<typeof decimalBtc> => decimalBtc.prefault(byDefault);

/**
 * Every parameter of the reference executor: default, unit and why. `docs/` and the config's help are printed from
 * this table, the schema is built from it, and nothing else in the executor holds a number of its own.
 */
const PARAMETERS = {
  orderStyle: parameter(
    z.enum(['ioc', 'market']).default('ioc'),
    'word',
    'A limit-IOC inside a collar cannot trade at any price; `market` is the letter of the specification (an Upbit market buy is sized by cost).',
  ),
  legs: parameter(
    z.enum(['parallel', 'spot-first', 'perp-first']).default('parallel'),
    'word',
    "The owner's flow sends both at once; a sequence hedges what has filled and halves the failure states for about 1 bp of premium noise.",
  ),
  repair: parameter(
    z.enum(['complete', 'unwind']).default('complete'),
    'word',
    'What an entry does with a residual. Completing keeps a premium that still pays; unwinding is chosen when it does not, when completing is refused, or while halted. An exit always prefers to be completed.',
  ),

  collarBp: parameter(
    bp(20),
    'bp',
    "Upbit's 20 levels span 4 to 6 bp: a collar of 20 fills any size we send in a calm book and refuses a crash minute.",
  ),
  repairCollarBp: parameter(bp(30), 'bp', 'First collar of a repair; it doubles each round because being naked costs more than the spread.'),
  maxCollarBp: parameter(bp(300), 'bp', 'Widest collar; Binance refuses more than 5 % from the mark, and an unbounded one is a market order.'),
  marketBuySlackBp: parameter(bp(10), 'bp', 'Added to the KRW of a market buy so that slippage does not leave it short of whole lots.'),
  lot: parameter(btc('0.001'), 'BTC', "Step of BTCUSDT: the grid both legs share; the larger of this and the venue's own step is used."),
  dustCap: parameter(btc('0.0005'), 'BTC', 'Residue above this is traded away on Upbit; below it is folded into the next trade.'),
  mismatchTolerance: parameter(
    btc('0.0005'),
    'BTC',
    'Holdings that differ from the journal by more are a mismatch; half a lot, since less cannot be traded on the perpetual.',
  ),

  requestTimeoutMs: parameter(ms(2_500, 1), 'ms', "ccxt's own 10 s eats the whole leg deadline, and a stalled body never times out in ccxt."),
  patientTimeoutMs: parameter(
    ms(10_000, 1),
    'ms',
    "A read that a doubt hangs on, and that nothing else waits for, is waited for as long as ccxt's own time-out.",
  ),
  legDeadlineMs: parameter(ms(10_000, 1), 'ms', 'Specification 2.3: wait 10 s for a fill; then cancel and read until the order is final.'),
  pollMs: parameter(ms(500, 1), 'ms', 'Specification 3.1.'),
  firstPollMs: parameter(ms(150, 1), 'ms', 'An IOC is final within milliseconds; the first look comes sooner than the others.'),
  cancelRetryMs: parameter(ms(5_000, 1), 'ms', 'A cancel that changed nothing is asked for again after this.'),
  recvWindowMs: parameter(
    ms(2_000, 100),
    'ms',
    'A request that Binance has not taken within this is refused by the venue: a stuck order dies instead of executing late.',
  ),
  binanceLifetimeMarginMs: parameter(
    ms(5_000),
    'ms',
    'An order that Binance does not show after timestamp + recvWindow + this was never taken (design decision 17).',
  ),
  upbitLifetimeMs: parameter(ms(15_000, 1), 'ms', 'Upbit has no recvWindow: nothing bounds a late request but this assumption (design decision 17).'),
  notFoundSpacingMs: parameter(
    ms(2_000, 1),
    'ms',
    'Two not-found answers count only this far apart, so that one lagging replica does not speak twice.',
  ),
  doubtMs: parameter(
    ms(60_000, 1),
    'ms',
    'An order that is not found while the holdings have moved stays in doubt this long; then the holdings are believed, whoever moved them.',
  ),
  lateWatchMs: parameter(ms(600_000), 'ms', 'An id counted as zero is looked up for this long, and no entry is made meanwhile (design decision 17).'),
  correctionWatchMs: parameter(
    ms(60_000),
    'ms',
    'An order that a cancel of ours has cut short is read again for this long: a venue may find another execution (FIX 4.2, appendix D 35).',
  ),
  forgottenAfterMs: parameter(
    ms(259_200_000),
    'ms',
    'Binance forgets cancelled orders without fills after 3 days: only then may an accepted order be not found.',
  ),

  openAttempts: parameter(
    count(3, 1),
    'attempts',
    'Specification 7.1: three, and only after an answer that proves non-acceptance, each with a new id.',
  ),
  readAttempts: parameter(count(3, 1), 'attempts', 'Specification 7.1, for reads outside the resolver.'),
  backoffMs: parameter(ms(1_000, 1), 'ms', 'Specification 7.1: 1, 2, 4 s between attempts.'),
  completeAttempts: parameter(count(3, 1), 'attempts', 'Completing orders that brought nothing before the repair unwinds instead.'),
  maxRepairRounds: parameter(
    count(8, 1),
    'rounds',
    'Orders that a repair sends before it locks: a repair that never gives up is a failure of its own.',
  ),
  nakedBudgetMs: parameter(ms(180_000, 1), 'ms', 'From the first order of a flow until it locks; outlives the shortest ban of Binance (2 minutes).'),
  banPatienceMs: parameter(ms(5_000), 'ms', 'A repair takes the other venue when the better one is banned for longer.'),
  reconcileMs: parameter(ms(10_000, 10_000), 'ms', 'After a lock every request costs at least this: at most 6 a minute.'),
  reconcileMaxMs: parameter(
    ms(20_000, 10_000),
    'ms',
    'Longest wait between two looks while locked: so long after a venue is back, and one more look, an order may still be in doubt.',
  ),

  monitorMs: parameter(ms(60_000, 1_000), 'ms', 'While holding: how often both venues are reconciled. Nothing runs while flat.'),
  confirmMs: parameter(ms(2_000, 1), 'ms', 'A mismatch is believed when it is read twice this far apart: positions lag behind fills.'),
  quietMs: parameter(
    ms(15_000),
    'ms',
    'After our own last order holdings are not compared with the book for this long: reads lag behind fills, up to 10 s at Binance.',
  ),
  marginFloor: parameter(
    ratio(0.3),
    'equity / notional',
    'A 1x short starts near 1 and is liquidated near the maintenance rate (0.004 to 0.05); at 0.3 BTC has risen by half.',
  ),
  marginTarget: parameter(ratio(0.5), 'equity / notional', 'Both legs are reduced until the ratio is back here.'),
  maxHoldMs: parameter(ms(0), 'ms', 'Longest holding time; 0 leaves it to the strategy.'),
  stopLossBp: parameter(
    bp(0),
    'bp of the spot cost',
    "Loss of the hedge at both venues' prices at which it is closed; 0 leaves the stop to the strategy, which sees the premium.",
  ),

  feeHoldBackPpm: parameter(
    z.int().min(0).default(500),
    'ppm',
    "Kept free for the fee when the venue's profile names none: Upbit charges 0.05 % on top of a buy.",
  ),
  slackPpm: parameter(z.int().min(0).default(1_000), 'ppm', 'Kept free on top of the fee for the price moving between the check and the send.'),
  leverage: parameter(z.int().min(1).max(125).default(1), 'x', 'Specification 2.4: delta neutral at 1.'),
  marginMode: parameter(
    z.enum(['isolated', 'cross', 'any']).default('any'),
    'word',
    'With one position in an account of its own both margin modes back it with the same USDT; name one to have it asserted.',
  ),
  accountSetup: parameter(
    z.enum(['assert', 'set-when-flat']).default('set-when-flat'),
    'word',
    'Leverage and margin mode are checked once at start; a wrong value is set only while nothing is held, else trading is refused.',
  ),

  decisionAgeMs: parameter(ms(30_000), 'ms', 'An entry decided longer ago is refused.'),
  priceAgeMs: parameter(ms(10_000), 'ms', 'A book whose own time is older is refused (a dead feed says nothing).'),
  priceMoveBp: parameter(bp(100), 'bp', 'Refuse when a book has moved this far from the decision: it was made on other prices.'),
  crossCheckBp: parameter(bp(200), 'bp', "Refuse when a venue's book and its last trade are this far apart: one of the two is stale."),
  fxAgeMs: parameter(ms(432_000_000), 'ms', 'Age of the USD/KRW rate: 120 h for a daily source (design decision 10); set 600000 for a live one.'),
  fxJumpBp: parameter(bp(150), 'bp', 'A rate that differs by more from the one of the last entry within a day is a data error (design decision 10).'),
  clockOffsetMs: parameter(ms(250), 'ms', 'Refuse to enter above it: 1 s ahead and every Binance call fails while Upbit goes on filling.'),
  clockCheckMs: parameter(ms(600_000, 1), 'ms', 'How long a measured clock offset is believed.'),

  closeReserve: parameter(ratio(0.25), 'share', 'Part of every quota that only orders and reads of repairs and closes may use.'),
  banDefaultMs: parameter(
    ms(120_000, 1),
    'ms',
    'How long we stay away after a 418 that names no end where the venue profile has no shortest ban; 2 minutes is the shortest of Binance.',
  ),

  alarmTimeoutMs: parameter(ms(5_000, 1), 'ms', 'A notification that has not gone out by then has failed; nothing waits for it.'),
  alarmAttempts: parameter(count(3, 1), 'attempts', 'Sent again this often before the channel counts as down.'),
  journalAttempts: parameter(
    count(5, 1),
    'attempts',
    'A journal that does not take an intent this often stops an entry; a reducing order goes on trying.',
  ),
  journalRetryMs: parameter(ms(200, 1), 'ms', 'First wait after a failed append; doubled each time, up to 10 s.'),
  journalStallMs: parameter(
    ms(5_000, 1),
    'ms',
    'A disk that has not answered for this long counts as down: people are told and facts are believed while it hangs; half of what a leg may take.',
  ),
  stopGraceMs: parameter(ms(15_000), 'ms', 'How long `stop` waits for requests in flight: longer than the 10 s after which ccxt gives up.'),
} as const;

type Parameters = typeof PARAMETERS;
type Shape = { [K in keyof Parameters]: Parameters[K]['schema'] };

/** The strict schema of the executor's section of the config. */
export const executorPolicySchema = z
  .strictObject(Object.fromEntries(Object.entries(PARAMETERS).map(([name, { schema }]) => [name, schema])) as Shape)
  .refine(({ marginFloor, marginTarget }) => marginTarget > marginFloor, {
    path: ['marginTarget'],
    error: 'must be above marginFloor: both legs are reduced until the margin ratio is back there',
  })
  .refine(({ repairCollarBp, maxCollarBp }) => maxCollarBp >= repairCollarBp, { path: ['maxCollarBp'], error: 'must not be below repairCollarBp' })
  .refine(({ upbitLifetimeMs, requestTimeoutMs }) => upbitLifetimeMs > requestTimeoutMs, {
    path: ['upbitLifetimeMs'],
    error: 'must be above requestTimeoutMs: an order may arrive after we have stopped waiting for its answer',
  });

export type ExecutorPolicy = z.infer<typeof executorPolicySchema>;

export const DEFAULT_POLICY: ExecutorPolicy = executorPolicySchema.parse({});

/** The table for help texts and docs: name, unit and reason; defaults are in `DEFAULT_POLICY`. */
export const POLICY_TABLE: readonly { readonly name: keyof ExecutorPolicy; readonly unit: string; readonly reason: string }[] = Object.entries(
  PARAMETERS,
).map(([name, { unit, reason }]) => ({ name: name as keyof ExecutorPolicy, unit, reason }));

/** An explorer starts thousands of executors with the one policy of its scenario. */
const PARSED = new WeakMap<Readonly<Record<string, unknown>>, ExecutorPolicy>();

/**
 * The policy that `given` asks for, with defaults for the rest. The same object is parsed once: it must not be changed.
 *
 * @throws InputError that names the first wrong key.
 */
export function parsePolicy(given: Readonly<Record<string, unknown>>): ExecutorPolicy {
  const known = PARSED.get(given);
  if (known !== undefined) return known;
  const result = executorPolicySchema.safeParse(given);
  if (result.success) {
    PARSED.set(given, result.data);
    return result.data;
  }
  const [issue] = result.error.issues;
  const [problem] = issue === undefined ? [] : problemsOf(issue, given);
  const key = ['executor', 'policy', ...(problem?.path ?? []).map(String), ...(problem?.unknownKey === undefined ? [] : [problem.unknownKey])];
  throw new InputError(problem?.text ?? 'not a policy of the reference executor', { key: key.join('.') }, problem?.hint);
}
