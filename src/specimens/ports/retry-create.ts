import { NetworkError } from '../../exchange/ccxt-errors.js';
import type { ClientOrder } from '../../exchange/exchange-client.js';
import { seconds, type Side, type VenueId } from '../../core/units.js';
import type { Specimen } from '../specimen.js';
import { PortedExecutor } from './ported-executor.js';

const TRIES = 5;
const PAUSE = seconds(1);

/** The pattern of ccxt's example: a create that raises any NetworkError is sent again, up to so many times. */
class RetryCreate extends PortedExecutor {
  readonly name = 'port-retry-create';

  protected async openBoth(amount: number): Promise<void> {
    const [spot, perp] = await Promise.all([this.leg('upbit', 'buy', amount), this.leg('binance', 'sell', amount)]);
    this.spot += spot;
    this.perp -= perp;
  }

  protected async leg(venue: VenueId, side: Side, amount: number): Promise<number> {
    const { id } = await this.#createWithRetry(venue, side, amount);
    return this.filledAtEnd(venue, id);
  }

  async #createWithRetry(venue: VenueId, side: Side, amount: number): Promise<ClientOrder> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.create(venue, side, amount, { timeInForce: 'IOC' });
      } catch (error) {
        if (!(error instanceof NetworkError) || attempt === TRIES) throw error;
        await this.ports.clock.sleep(PAUSE);
      }
    }
  }
}

/** `--executor port-retry-create`. */
export const retryCreate: Specimen = {
  card: {
    id: 'port-retry-create',
    source: 'ccxt example create-order-with-retry',
    wrong: 'sends a create again on every NetworkError, although the first one may have been taken',
    scenario: 'lost-reply-after-fill-spot',
  },
  factory: (ports) => new RetryCreate(ports),
};
