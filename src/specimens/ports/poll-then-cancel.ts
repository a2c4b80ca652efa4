import { SYMBOLS } from '../../exchange/client-params.js';
import { seconds, type Side, type VenueId } from '../../core/units.js';
import type { Specimen } from '../specimen.js';
import { PortedExecutor } from './ported-executor.js';

const POLLS = 20;
const POLL = seconds(0.5);

/** The helper of many bots: poll so many times, then cancel and go on with what the last poll had shown. */
class PollThenCancel extends PortedExecutor {
  readonly name = 'port-poll-then-cancel';

  protected async openBoth(amount: number): Promise<void> {
    const bought = await this.leg('upbit', 'buy', amount);
    this.spot += bought;
    if (bought === 0) return;
    this.perp -= await this.leg('binance', 'sell', Math.floor(bought * 1_000 + 1e-6) / 1_000);
  }

  protected async leg(venue: VenueId, side: Side, amount: number): Promise<number> {
    const { id } = await this.create(venue, side, amount);
    let filled = 0;
    for (let poll = 0; poll < POLLS; poll += 1) {
      const order = await this.ports[venue].fetchOrder(id, SYMBOLS[venue]).catch(() => undefined);
      filled = order?.filled ?? filled;
      if (order?.status !== undefined && order.status !== 'open') return filled;
      await this.ports.clock.sleep(POLL);
    }
    await this.ports[venue].cancelOrder(id, SYMBOLS[venue]).catch(() => undefined);
    return filled;
  }
}

/** `--executor port-poll-then-cancel`. */
export const pollThenCancel: Specimen = {
  card: {
    id: 'port-poll-then-cancel',
    source: 'poll-then-cancel helper (fault study, goal G16)',
    wrong: 'goes on with what it saw before its cancel, whatever the cancel crossed',
    scenario: 'partial-then-timeouts',
  },
  factory: (ports) => new PollThenCancel(ports),
};
