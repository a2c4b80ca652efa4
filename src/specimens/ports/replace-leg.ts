import { seconds, type Side, type VenueId } from '../../core/units.js';
import type { Specimen } from '../specimen.js';
import { PortedExecutor } from './ported-executor.js';

const MOST_FAILURES = 3;
const POLL = seconds(0.5);

/** The pattern of Hummingbot's arbitrage executor: a leg that fails is placed again, and after so many failures it just stops. */
class ReplaceLeg extends PortedExecutor {
  readonly name = 'port-replace-leg';

  protected async openBoth(amount: number): Promise<void> {
    let failures = 0;
    const untilFilled = async (venue: VenueId, side: Side): Promise<number> => {
      while (failures <= MOST_FAILURES) {
        const filled = await this.leg(venue, side, amount).catch(() => undefined);
        if (filled !== undefined && filled > 0) return filled;
        failures += 1;
        await this.ports.clock.sleep(POLL);
      }
      return 0;
    };
    const [spot, perp] = await Promise.all([untilFilled('upbit', 'buy'), untilFilled('binance', 'sell')]);
    this.spot += spot;
    this.perp -= perp;
  }

  protected async leg(venue: VenueId, side: Side, amount: number): Promise<number> {
    const { id } = await this.create(venue, side, amount, { timeInForce: 'IOC' });
    return this.filledAtEnd(venue, id);
  }
}

/** `--executor port-replace-leg`. */
export const replaceLeg: Specimen = {
  card: {
    id: 'port-replace-leg',
    source: 'hummingbot arbitrage_executor.py',
    wrong: 'places a failed leg again and stops after more than three failures, without taking the filled leg off',
    scenario: 'case-a-spot-filled-perp-refused',
  },
  factory: (ports) => new ReplaceLeg(ports),
};
