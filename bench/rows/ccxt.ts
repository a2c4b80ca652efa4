import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type * as Ccxt from 'ccxt';
import { RandomStreams } from '../../src/core/random.js';
import type { VenueId } from '../../src/core/units.js';
import { loadCcxtClasses } from '../../src/exchange/ccxt-clients.js';
import { NO_FAULTS } from '../../src/faults/no-faults.js';
import { createStaticMarket } from '../../src/market/liquidity/static-market.js';
import { ProcessLife, WallClock } from '../../src/sim/process-life.js';
import type { RequestPipeline } from '../../src/sim/request-pipeline.js';
import { Simulation } from '../../src/sim/simulation.js';
import { MemoryTape } from '../../src/sim/tape.js';
import { VirtualClock } from '../../src/sim/virtual-clock.js';
import { ccxtExchange } from '../../src/wire/ccxt/ccxt-exchange.js';
import { EMULATED_KEYS } from '../../src/wire/wire-keys.js';
import { ms, worldWith } from '../../test/sim/support/world.js';
import { redirect } from '../../test/serve/support/served.js';
import type { CannedAnswer } from '../canned-child.js';
import { race, timingOf, type BenchRow, type Figure } from '../support/measure.js';

const ROW = 'ccxt';
const SYMBOL: Readonly<Record<VenueId, string>> = { upbit: 'BTC/KRW', binance: 'BTC/USDT:USDT' };
const AT_ONCE = { latency: { request: {}, response: {} }, matchingDelay: ms(0) };
const RICH = { upbit: { KRW: '1000000000000', BTC: '0' }, binance: { USDT: '1000000000' } };
const VENUES = ['upbit', 'binance'] as const;

interface Hooks {
  fetchImplementation: (url: string, params: { method: string }) => Promise<unknown>;
  proxiesModulesLoading: Promise<void>;
}

/** What an executor does most, and its order. */
const CALLS = {
  fetchOrderBook: (client: Ccxt.Exchange, venue: VenueId) => client.fetchOrderBook(SYMBOL[venue], venue === 'upbit' ? undefined : 20),
  fetchBalance: (client: Ccxt.Exchange) => client.fetchBalance(),
  createOrder: (client: Ccxt.Exchange, venue: VenueId, id: number) =>
    client.createOrder(SYMBOL[venue], 'limit', 'buy', 0.02, venue === 'upbit' ? 100_000_000 : 70_000, {
      clientOrderId: `bench-${id}`,
      timeInForce: 'IOC',
    }),
} as const;
type CallName = keyof typeof CALLS;
const NAMES = Object.keys(CALLS) as readonly CallName[];

/** Both venues in process without latency and limits, and what they answer, by method and path. */
class InProcess {
  readonly clock: VirtualClock;
  readonly clients: Readonly<Record<VenueId, Ccxt.Exchange>>;
  readonly answers = new Map<string, CannedAnswer>();

  constructor(open: Awaited<ReturnType<typeof ccxtExchange>>) {
    const world = worldWith({ upbit: { ...AT_ONCE, balances: RICH.upbit }, binance: { ...AT_ONCE, balances: RICH.binance } });
    const seeds = new RandomStreams('1');
    this.clock = new VirtualClock(world.start);
    const run = { version: 'bench', seed: '1', mode: 'drill', executor: 'bench' };
    const market = createStaticMarket(world, seeds);
    const simulation = new Simulation({ clock: this.clock, market, world, faults: NO_FAULTS, seeds, tape: new MemoryTape(), run });
    for (const { pipeline } of Object.values(simulation.gates)) (pipeline as RequestPipeline).gateway.judge = () => ({ kind: 'pass' });
    const venues = open(simulation);
    const process = new ProcessLife(0, this.clock, new WallClock(this.clock));
    const connect = (venue: VenueId): Ccxt.Exchange =>
      venues.connect(venue, { process, clock: this.clock, incarnation: 0, enableRateLimit: false }) as unknown as Ccxt.Exchange;
    this.clients = { upbit: connect('upbit'), binance: connect('binance') };
  }

  /** Asks everything once and keeps what came, as a stub gives it. */
  async learn(): Promise<void> {
    for (const venue of VENUES) {
      const hooks = this.clients[venue] as unknown as Hooks;
      const own = hooks.fetchImplementation;
      hooks.fetchImplementation = async (url, params) => {
        const response = (await own(url, params)) as Omit<CannedAnswer, 'body'> & { text(): Promise<string> };
        const kept = { status: response.status, headers: response.headers, body: await response.text() };
        this.answers.set(keyOf(url, params.method), kept);
        return responseOf(kept);
      };
      await this.clock.run(async () => {
        await this.clients[venue].loadMarkets();
        for (const name of NAMES) await CALLS[name](this.clients[venue], venue, 0);
      });
      hooks.fetchImplementation = own;
    }
  }
}

/** As ccxt reads it: of a fetch's response no more than this. */
const responseOf = ({ status, headers, body }: CannedAnswer): object => ({
  status,
  statusText: 'OK',
  headers,
  text: () => Promise.resolve(body),
});
const keyOf = (url: string, method: string): string => `${method} ${new URL(url).pathname}`;

type Clients = Readonly<Record<VenueId, Ccxt.Exchange>>;

async function ownClients(): Promise<Clients> {
  const classes = await loadCcxtClasses();
  const common = { ...EMULATED_KEYS, enableRateLimit: false };
  return {
    upbit: new classes.upbit(common),
    binance: new classes.binanceusdm({ ...common, options: { fetchCurrencies: false, fetchMargins: false } }),
  };
}

/** ccxt with a transport that answers at once. */
async function bareClients(answers: ReadonlyMap<string, CannedAnswer>): Promise<Clients> {
  const clients = await ownClients();
  for (const client of Object.values(clients)) {
    const hooks = client as unknown as Hooks;
    hooks.proxiesModulesLoading = Promise.resolve();
    hooks.fetchImplementation = async (url, { method }) => responseOf(answers.get(keyOf(url, method)) ?? { status: 404, headers: {}, body: '' });
    await client.loadMarkets();
  }
  return clients;
}

/** ccxt as it is shipped, over loopback to a process that answers the same; that process's time is not counted. */
async function socketClients(answers: ReadonlyMap<string, CannedAnswer>): Promise<{ readonly clients: Clients; readonly end: () => void }> {
  const child = fork(fileURLToPath(new URL('../canned-child.ts', import.meta.url)), { execArgv: ['--import', 'tsx'] });
  child.send(Object.fromEntries(answers));
  const [port] = (await once(child, 'message')) as [number];
  const clients = await ownClients();
  for (const client of Object.values(clients)) {
    await redirect(client, `http://127.0.0.1:${port}`);
    await client.loadMarkets();
  }
  return { clients, end: () => void child.kill() };
}

/**
 * ccxt calls with the same bodies: through a stub that answers at once, over loopback as ccxt is shipped, and through the
 * in-process transport with the whole venues behind it.
 */
export const ccxtRow: BenchRow = {
  name: ROW,
  async run(quick): Promise<readonly Figure[]> {
    const ours = new InProcess(await ccxtExchange());
    await ours.learn();
    const bare = await bareClients(ours.answers);
    const { clients: socket, end } = await socketClients(ours.answers);
    const [calls, rounds] = quick ? [50, 5] : [300, 15];
    let id = 0;
    const figures: Figure[] = [];
    const [costs, base, loopback] = [[] as number[], [] as number[], [] as number[]];
    for (const venue of VENUES)
      for (const name of NAMES) {
        const repeated = async (client: Ccxt.Exchange): Promise<void> => {
          for (let call = 0; call < calls; call += 1) await CALLS[name](client, venue, (id += 1));
        };
        const timings = await race(
          [
            { name: 'bare', units: calls, run: () => repeated(bare[venue]) },
            { name: 'loopback', units: calls, run: () => repeated(socket[venue]) },
            { name: 'in process', units: calls, run: () => ours.clock.run(() => repeated(ours.clients[venue])) },
          ],
          rounds,
        );
        const micros = (which: string): number => 1e6 / timingOf(timings, which);
        costs.push(micros('in process'));
        base.push(micros('bare'));
        loopback.push(micros('loopback'));
        figures.push({ row: ROW, figure: `${venue} ${name}, bare`, value: micros('bare'), unit: 'us', timed: true });
        figures.push({ row: ROW, figure: `${venue} ${name}, in process`, value: micros('in process') / micros('bare'), unit: 'x bare', timed: true });
      }
    const sum = (values: readonly number[]): number => values.reduce((total, each) => total + each, 0);
    end();
    figures.push({ row: ROW, figure: 'all of these, in process', value: sum(costs) / sum(base), unit: 'x bare', timed: true });
    figures.push({ row: ROW, figure: 'all of these, in process', value: sum(costs) / sum(loopback), unit: 'x loopback', most: 1.15, timed: true });
    return figures;
  },
};
