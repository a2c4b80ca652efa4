import type { Clock } from '../clock/clock.js';
import type { VenueId } from '../core/units.js';
import type { Alarm } from './alarm.js';
import type { ClockWatch } from './clock-watch.js';
import type { Holdings } from './holdings.js';
import type { JournalWriter } from './journal-writer.js';
import type { KillSwitch } from './kill-switch.js';
import type { OrderFacts } from './order-facts.js';
import type { OrderSender } from './order-sender.js';
import type { Pace } from './pace.js';
import type { ExecutorPolicy } from './policy.js';
import type { Lease } from './ports.js';
import type { PositionBook } from './position-book.js';
import type { PriceDesk } from './price-desk.js';
import type { OrderResolver } from './resolve-order.js';
import type { Suspicion } from './suspicion.js';
import type { TaskGroup, Waker } from './task-group.js';
import type { VenueGateway } from './venue-gateway.js';

/** The parts that every flow works with; made once by the executor. */
export interface Engine {
  readonly clock: Clock;
  readonly lease: Lease;
  readonly policy: ExecutorPolicy;
  readonly tasks: TaskGroup;
  readonly book: PositionBook;
  readonly writer: JournalWriter;
  readonly alarm: Alarm;
  readonly killSwitch: KillSwitch;
  readonly gateways: Readonly<Record<VenueId, VenueGateway>>;
  readonly prices: PriceDesk;
  readonly holdings: Holdings;
  readonly clockWatch: ClockWatch;
  readonly facts: OrderFacts;
  readonly sender: OrderSender;
  readonly resolver: OrderResolver;
  /** What background work may call while something is locked. */
  readonly pace: Pace;
  /** Rung when something in the background may have work: positions, locks, watched ids, the kill switch. */
  readonly bell: Waker;
  /** What flows have met and our orders do not explain: what follows from it is for the monitor to find out. */
  readonly suspicion: Suspicion;
}
