import { fixed, floorTo, fixedFromNumber, toNumber, type Btc } from '../../core/money.js';
import { seconds, type Side, type VenueId } from '../../core/units.js';
import { SYMBOLS } from '../../exchange/client-params.js';
import type { ClientOrder } from '../../exchange/exchange-client.js';
import type { EnterRequest, Executor, ExecutorPorts, FlowResult, OpenPosition } from '../../executor/ports.js';
import { LOT } from '../small/decisions.js';

const POLL = seconds(0.5);
const TICK_KRW = 1_000;
const COLLAR = 1.005;

/**
 * What the ports of published patterns share: sizes, prices and the book of what they believe. How an order is sent and
 * followed, and what becomes of a leg that fails, is each pattern's own. None of them keeps a journal, as none of the
 * originals does.
 */
export abstract class PortedExecutor implements Executor {
  abstract readonly name: string;
  readonly capabilities = [] as const;
  protected readonly ports: ExecutorPorts;
  protected spot = 0;
  protected perp = 0;
  #limitKrw = 0;

  constructor(ports: ExecutorPorts) {
    this.ports = ports;
  }

  async start(): Promise<void> {}

  async stop(): Promise<void> {}

  positions(): readonly OpenPosition[] {
    const quantity = floorTo(fixedFromNumber<Btc>(Math.max(0, Math.min(this.spot, -this.perp))), LOT);
    return quantity === 0n ? [] : [{ positionId: this.name, quantity, openedAt: this.ports.clock.now() }];
  }

  async enter(request: EnterRequest): Promise<FlowResult> {
    this.#limitKrw = Math.floor((request.upbitPrice * COLLAR) / TICK_KRW) * TICK_KRW;
    await this.openBoth(toNumber(floorTo(request.quantity, LOT)));
    return this.#result('hedged');
  }

  async exit(): Promise<FlowResult> {
    const [sold, bought] = await Promise.all([this.leg('upbit', 'sell', this.spot), this.leg('binance', 'buy', -this.perp)]);
    this.spot -= sold;
    this.perp += bought;
    return this.#result('flat');
  }

  /** Opens both legs and books what they filled. */
  protected abstract openBoth(amount: number): Promise<void>;
  /** Sends one order and follows it. @returns what it filled. */
  protected abstract leg(venue: VenueId, side: Side, amount: number): Promise<number>;

  /** A spot buy goes out as a limit order slightly above the market, resting unless `timeInForce` says otherwise. */
  protected create(venue: VenueId, side: Side, amount: number, params: Record<string, unknown> = {}): Promise<ClientOrder> {
    const client = this.ports[venue];
    if (venue === 'upbit' && side === 'buy') return client.createOrder(SYMBOLS.upbit, 'limit', side, amount, this.#limitKrw, params);
    return client.createOrder(SYMBOLS[venue], 'market', side, amount);
  }

  /** Reads an order until it is no longer open; a read that fails is tried again. @returns what it filled. */
  protected async filledAtEnd(venue: VenueId, id: string | undefined): Promise<number> {
    for (;;) {
      const order = await this.ports[venue].fetchOrder(id, SYMBOLS[venue]).catch(() => undefined);
      if (order !== undefined && order.status !== 'open') return order.filled ?? 0;
      await this.ports.clock.sleep(POLL);
    }
  }

  #result(outcome: FlowResult['outcome']): FlowResult {
    const [spot, perp] = [fixedFromNumber<Btc>(this.spot), fixedFromNumber<Btc>(this.perp)];
    return { outcome, spot, perp, residual: fixed<Btc>(spot + perp), reason: 'both legs returned' };
  }
}
