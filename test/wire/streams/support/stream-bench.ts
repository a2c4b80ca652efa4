import { RandomStreams } from '../../../../src/core/random.js';
import { durationMs, type VenueId } from '../../../../src/core/units.js';
import type { StreamAction } from '../../../../src/faults/fault-action.js';
import type { FaultSession } from '../../../../src/faults/fault-session.js';
import { NO_FAULTS } from '../../../../src/faults/no-faults.js';
import type { World } from '../../../../src/faults/world.js';
import { createStaticMarket } from '../../../../src/market/liquidity/static-market.js';
import type { MarketView } from '../../../../src/market/market-view.js';
import type { BinanceClient } from '../../../../src/sim/binance-client.js';
import { Simulation } from '../../../../src/sim/simulation.js';
import { MemoryTape } from '../../../../src/sim/tape.js';
import type { UpbitClient } from '../../../../src/sim/upbit-client.js';
import { VirtualClock } from '../../../../src/sim/virtual-clock.js';
import { emulatedStreams, type EmulatedStreams } from '../../../../src/wire/streams/emulated-streams.js';
import type { StreamSession } from '../../../../src/wire/streams/stream-session.js';
import { worldWith } from '../../../sim/support/world.js';

export const KEYS = { apiKey: 'K', secret: 'S' };
type Json = Record<string, unknown>;

/** A client's end of a connection, without a socket. */
export interface Ear {
  /** Messages as they came, parsed; with when they came, in milliseconds since the connection was opened. */
  readonly heard: Json[];
  readonly times: number[];
  readonly frames: (string | Uint8Array)[];
  pings: number;
  closed: { readonly code: number; readonly reason: string } | 'cut' | undefined;
  readonly session: StreamSession;
  readonly send: (message: unknown) => void;
  /** Messages of this kind (`e` at Binance, `type` at Upbit). */
  readonly of: (kind: string) => Json[];
}

export interface StreamBench {
  readonly clock: VirtualClock;
  readonly simulation: Simulation;
  readonly streams: EmulatedStreams;
  readonly tape: MemoryTape;
  readonly upbit: UpbitClient;
  readonly binance: BinanceClient;
  readonly met: string[];
  readonly wait: (ms: number) => Promise<void>;
  /** @throws when the venue does not open the connection. */
  readonly open: (venue: VenueId, target: string, headers?: Record<string, string>, address?: string) => Ear;
  readonly strike: (venue: VenueId, action: Partial<StreamAction> & Pick<StreamAction, 'action'>) => void;
}

export interface StreamBenchOptions {
  readonly world?: World;
  readonly market?: MarketView;
  readonly faults?: FaultSession;
}

/** Both venues' streams over a simulation, on virtual time; books are closed at the end. */
export async function streaming<T>(act: (bench: StreamBench) => Promise<T>, options: StreamBenchOptions = {}): Promise<T> {
  const world = options.world ?? worldWith();
  const seeds = new RandomStreams('7');
  const clock = new VirtualClock(world.start);
  const tape = new MemoryTape();
  const market = options.market ?? createStaticMarket(world, seeds);
  const run = { version: 'test', seed: '7', mode: 'drill', executor: 'test' };
  const simulation = new Simulation({ clock, market, world, faults: options.faults ?? NO_FAULTS, seeds, tape, run });
  const met: string[] = [];
  const streams = emulatedStreams(simulation.streamSources, (fault) => void met.push(fault), KEYS);
  const connection = { enableRateLimit: false, incarnation: 0 };
  const bench: StreamBench = {
    clock,
    simulation,
    streams,
    tape,
    met,
    upbit: simulation.connect('upbit', connection),
    binance: simulation.connect('binance', connection),
    wait: (ms) => clock.sleep(durationMs(ms)),
    open: (venue, target, headers = {}, address = '127.0.0.1') => {
      const answer = streams[venue].connect({ target, headers, address });
      if (answer.kind !== 'open') throw new Error(answer.kind === 'refused' ? `refused: ${answer.status} ${answer.body}` : 'dead');
      const start = clock.now();
      const ear: Omit<Ear, 'session' | 'send' | 'of'> = { heard: [], times: [], frames: [], pings: 0, closed: undefined };
      const session = answer.open({
        send: (frame) => {
          ear.frames.push(frame);
          ear.heard.push(JSON.parse(typeof frame === 'string' ? frame : Buffer.from(frame).toString('utf8')) as Json);
          ear.times.push(clock.now() - start);
        },
        ping: () => void (ear.pings += 1),
        close: (code, reason) => {
          ear.closed = { code, reason };
          session.gone();
        },
        cut: () => {
          ear.closed = 'cut';
          session.gone();
        },
      });
      return Object.assign(ear, {
        session,
        send: (message: unknown) => session.receive(typeof message === 'string' ? message : JSON.stringify(message)),
        of: (kind: string) => ear.heard.filter((each) => each['e'] === kind || each['type'] === kind),
      });
    },
    strike: (venue, action) => streams.strike('fault', { kind: 'stream', for: undefined, count: undefined, channels: undefined, ...action }, venue),
  };
  const value = await clock.run(async () => {
    await Promise.all([bench.upbit.loadMarkets(), bench.binance.loadMarkets()]);
    return act(bench);
  });
  simulation.finish();
  return value;
}
