import type { MonotonicMs } from '../core/units.js';
import { SYMBOLS } from '../exchange/client-params.js';
import { MarginModeAlreadySet } from '../exchange/ccxt-errors.js';
import type { Engine } from './engine.js';
import type { ExecutorPorts } from './ports.js';
import type { Answer } from './venue-gateway.js';

const DAY_MS = 86_400_000;
/** What an executor calls; ccxt has the methods on every class, so that only a call shows whether a venue supports one. */
const NEEDED = {
  upbit: ['loadMarkets', 'fetchOrderBook', 'fetchTicker', 'fetchBalance', 'createOrder', 'fetchOrder', 'cancelOrder', 'createMarketBuyOrderWithCost'],
  binance: [
    'loadMarkets',
    'fetchTime',
    'fetchOrderBook',
    'fetchTicker',
    'fetchBalance',
    'fetchPositions',
    'fetchPositionMode',
    'fetchLeverage',
    'createOrder',
    'fetchOrder',
    'cancelOrder',
  ],
} as const;

/** `certain`: the set-up is wrong, as against not readable just now. */
export interface SetupProblem {
  readonly text: string;
  readonly certain: boolean;
}

const wrong = (text: string): SetupProblem => ({ text, certain: true });
const unreadable = (text: string): SetupProblem => ({ text, certain: false });

interface LeverageSetting {
  readonly leverage: number;
  readonly marginMode: string | undefined;
}

/**
 * Asserts position mode, leverage and margin mode once at start and once a day, instead of setting the leverage before
 * every short: a call that can fail between the legs and says nothing about the modes. What is wrong is set only
 * while nothing is held, else trading is refused.
 */
export class AccountSetup {
  readonly #engine: Engine;
  readonly #ports: ExecutorPorts;
  #goodAt: MonotonicMs | undefined;

  constructor(engine: Engine, ports: ExecutorPorts) {
    this.#engine = engine;
    this.#ports = ports;
  }

  /** A ban is not waited out: whoever asks is about to decide, and may ask again. */
  get #options(): { readonly patienceMs: number } {
    return { patienceMs: this.#engine.policy.banPatienceMs };
  }

  /** What is wrong, or undefined; asked again when it was wrong or is a day old. */
  async problem(): Promise<SetupProblem | undefined> {
    const now = this.#engine.clock.monotonic();
    if (this.#goodAt !== undefined && now - this.#goodAt < DAY_MS) return undefined;
    const problem = await this.#check();
    this.#goodAt = problem === undefined ? now : undefined;
    return problem;
  }

  async #check(): Promise<SetupProblem | undefined> {
    return this.#missing() ?? (await this.#positionModeProblem()) ?? (await this.#leverageProblem());
  }

  #missing(): SetupProblem | undefined {
    for (const venue of ['upbit', 'binance'] as const) {
      const client = this.#ports[venue] as unknown as Readonly<Record<string, unknown>>;
      const missing = NEEDED[venue].find((name) => typeof client[name] !== 'function');
      if (missing !== undefined) return wrong(`the ${venue} client has no ${missing}`);
    }
    return undefined;
  }

  async #positionModeProblem(): Promise<SetupProblem | undefined> {
    const answer = await this.#engine.gateways.binance.read(
      'fetchPositionMode',
      (client) => client.fetchPositionMode(SYMBOLS.binance),
      this.#options,
    );
    if (answer.kind !== 'answer') return problemOf('the position mode cannot be read', answer);
    const { hedged } = (answer.value ?? {}) as { readonly hedged?: unknown };
    if (typeof hedged !== 'boolean') return unreadable('the answer about the position mode says nothing of it');
    return hedged ? wrong('the Binance account is in hedge mode; switch it to one-way mode, in which closes can be reduce-only') : undefined;
  }

  async #leverageProblem(): Promise<SetupProblem | undefined> {
    const { policy, book } = this.#engine;
    const first = await this.#readLeverage();
    if ('text' in first) return first;
    if (this.#isRight(first)) return undefined;
    const found = `leverage ${first.leverage}, margin mode ${first.marginMode ?? 'unknown'}`;
    const wanted = `leverage ${policy.leverage}${policy.marginMode === 'any' ? '' : `, margin mode ${policy.marginMode}`}`;
    if (policy.accountSetup === 'assert' || book.perp !== 0n) return wrong(`expected ${wanted} on Binance, found ${found}`);
    await this.#set(first);
    const second = await this.#readLeverage();
    if ('text' in second) return second;
    return this.#isRight(second) ? undefined : wrong(`expected ${wanted} on Binance, found ${found}, and it could not be set`);
  }

  #isRight({ leverage, marginMode }: LeverageSetting): boolean {
    const { policy } = this.#engine;
    return leverage === policy.leverage && (policy.marginMode === 'any' || marginMode === policy.marginMode);
  }

  async #readLeverage(): Promise<LeverageSetting | SetupProblem> {
    const answer = await this.#engine.gateways.binance.read('fetchLeverage', (client) => client.fetchLeverage(SYMBOLS.binance), this.#options);
    if (answer.kind !== 'answer') return problemOf('the leverage cannot be read', answer);
    const { shortLeverage, marginMode } = (answer.value ?? {}) as { readonly shortLeverage?: unknown; readonly marginMode?: unknown };
    if (typeof shortLeverage !== 'number') return unreadable('the answer about the leverage says nothing of it');
    return {
      leverage: shortLeverage,
      marginMode: typeof marginMode === 'string' ? marginMode : undefined,
    };
  }

  async #set(found: LeverageSetting): Promise<void> {
    const { gateways, policy } = this.#engine;
    const { marginMode, leverage } = policy;
    if (marginMode !== 'any' && found.marginMode !== marginMode)
      await gateways.binance.read(
        'setMarginMode',
        (client) =>
          client.setMarginMode(marginMode, SYMBOLS.binance).catch((error: unknown) => {
            if (!(error instanceof MarginModeAlreadySet)) throw error;
          }),
        this.#options,
      );
    if (found.leverage !== leverage)
      await gateways.binance.read('setLeverage', (client) => client.setLeverage(leverage, SYMBOLS.binance), this.#options);
  }
}

function problemOf(what: string, answer: Exclude<Answer<unknown>, { kind: 'answer' }>): SetupProblem {
  const why = answer.kind === 'error' ? answer.error : 'the venue may not be called yet';
  return unreadable(`${what}: ${why}`);
}
