import type { EpochMs, VenueId } from '../core/units.js';
import type { FaultSession } from '../faults/fault-session.js';
import type { OrderOrigin } from './book-order.js';

/** What the chain needs of the pipeline. */
interface LinkHost {
  readonly venue: VenueId;
  readonly faults: FaultSession;
  now(): EpochMs;
  uniform(purpose: string, point: string): number;
}

/**
 * Bursts of loss on the link to one venue: `link` windows carry a chain of two states through the messages that pass.
 * Each step is drawn from the message's own place in the run, so that another fault moves no draw.
 */
export class LinkLoss {
  readonly #host: LinkHost;
  /** Faults whose chain is in its bad state. */
  readonly #bad = new Set<string>();

  constructor(host: LinkHost) {
    this.#host = host;
  }

  /** Whether this message is lost; each one moves the chains on. */
  loses(part: 'request' | 'response', { request, point }: OrderOrigin): boolean {
    const { faults, venue } = this.#host;
    let lost = false;
    for (const window of faults.windows(venue, this.#host.now())) {
      const { action, fault } = window;
      if (action.kind !== 'link') continue;
      const wasBad = this.#bad.has(fault);
      const moved = this.#host.uniform(`link/${fault}/move`, `${point}|${part}`) < (wasBad ? action.r : action.p);
      const isBad = moved !== wasBad;
      if (isBad) this.#bad.add(fault);
      else this.#bad.delete(fault);
      if (this.#host.uniform(`link/${fault}/loss`, `${point}|${part}`) >= (isBad ? action.lossBad : action.lossGood)) continue;
      lost = true;
      faults.hit(window, this.#host.now(), request);
    }
    return lost;
  }
}
