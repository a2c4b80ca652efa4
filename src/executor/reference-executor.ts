import { InputError } from '../core/input-error.js';
import { fixed, type Btc } from '../core/money.js';
import { addMs, durationMs, type VenueId } from '../core/units.js';
import { quotaOf } from '../exchange/venue-profiles.js';
import type { HaltLevel } from '../journal/journal-event.js';
import { AccountSetup } from './account-setup.js';
import { Alarm } from './alarm.js';
import { ClockWatch } from './clock-watch.js';
import { adoptCopies } from './copied-orders.js';
import type { Engine } from './engine.js';
import { enter } from './enter.js';
import { exit } from './exit.js';
import { fenced } from './fence.js';
import { Flattener } from './flatten.js';
import { Holdings } from './holdings.js';
import { JournalWriter } from './journal-writer.js';
import { KillSwitch } from './kill-switch.js';
import { LateWatch } from './late-watch.js';
import { Monitor } from './monitor.js';
import { OrderFacts } from './order-facts.js';
import { OrderSender } from './order-sender.js';
import { Pace } from './pace.js';
import { parsePolicy, type ExecutorPolicy } from './policy.js';
import type { EnterRequest, Executor, ExecutorFactory, ExecutorPorts, ExitRequest, FlowResult, OpenPosition } from './ports.js';
import { PositionBook } from './position-book.js';
import { Preflight } from './preflight.js';
import { PriceDesk } from './price-desk.js';
import { Quota } from './quota.js';
import { Reconciler } from './reconcile.js';
import { recover } from './recover.js';
import { OrderResolver } from './resolve-order.js';
import { mayWork, type Supervisor } from './supervisor.js';
import { Suspicion } from './suspicion.js';
import { TaskGroup, Waker } from './task-group.js';
import { VenueGateway } from './venue-gateway.js';

/** What exists once the journal has been read. */
interface Life {
  readonly engine: Engine;
  readonly preflight: Preflight;
}

/**
 * The executor that is meant to trade: it knows the world only through its ports and has no mode. One flow runs at a
 * time; what watches and repairs in the background waits for flows and they for it, and is joined by `stop`.
 */
class ReferenceExecutor implements Executor, Supervisor {
  readonly name = 'reference';
  readonly capabilities = ['journal', 'marks', 'alerts', 'lock'] as const;

  readonly #ports: ExecutorPorts;
  readonly #policy: ExecutorPolicy;
  readonly #bell = new Waker();
  readonly #changes = new Waker();
  #life: Life | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #running = 0;
  #flowsBegun = 0;
  #flowIds = 0;

  constructor(ports: ExecutorPorts, policy: ExecutorPolicy) {
    this.#ports = ports;
    this.#policy = policy;
  }

  get engine(): Engine {
    return this.#lives().engine;
  }

  get flowsBegun(): number {
    return this.#flowsBegun;
  }

  get isBusy(): boolean {
    return this.#running > 0;
  }

  get halted(): HaltLevel | undefined {
    return this.#life?.engine.killSwitch.level;
  }

  /**
   * Recovers from the journal, checks both accounts and begins to watch.
   *
   * @throws InputError when trading must not begin at all: no lease, or a wrong set-up while nothing was ever traded.
   */
  async start(): Promise<void> {
    if (!this.#ports.lease.held()) throw new InputError('another process holds the lease: only one executor may trade an account');
    const records = await this.#ports.journal.read();
    const book = PositionBook.from(records);
    this.#flowIds = book.flowCount;
    const engine = buildEngine(this.#ports, this.#policy, book, this.#bell);
    const setup = new AccountSetup(engine, this.#ports);
    this.#life = { engine, preflight: new Preflight(engine, setup) };
    await this.exclusive(() => recover(this));
    const problem = await setup.problem();
    if (problem?.certain === true) {
      if (records.length === 0)
        throw new InputError(problem.text, {}, 'Set the account up as the policy says, or change the policy; nothing was sent.');
      await engine.writer.alert('-', 'PREFLIGHT_REFUSED', 'warning', `no entry is made: ${problem.text}`);
    }
    for (const work of [new Monitor(this), new Reconciler(this), new LateWatch(this), new Flattener(this)])
      engine.tasks.spawn(work.constructor.name, () => this.#keepRunning(work));
  }

  /** A bug in background work must not end the watch over open positions: it is reported, opening is halted, the work goes on. */
  async #keepRunning(work: { run(): Promise<void> }): Promise<void> {
    const { engine } = this.#lives();
    while (mayWork(engine)) {
      try {
        await work.run();
        return;
      } catch (error) {
        await engine.killSwitch.lock(`${work.constructor.name} failed: ${describe(error)}`);
        await engine.tasks.sleep(durationMs(engine.policy.monitorMs));
      }
    }
  }

  async enter(request: EnterRequest): Promise<FlowResult> {
    const { engine, preflight } = this.#lives();
    return this.#flow(() => enter(engine, preflight, this.nextFlowId('enter'), request));
  }

  async exit(request: ExitRequest): Promise<FlowResult> {
    const { engine } = this.#lives();
    return this.#flow(() => exit(engine, this.nextFlowId('exit'), request));
  }

  positions(): readonly OpenPosition[] {
    return this.#life?.engine.book.positions().map(({ positionId, quantity, openedAt }) => ({ positionId, quantity, openedAt })) ?? [];
  }

  changed(): Promise<void> {
    return this.#changes.wait();
  }

  async halt(level: HaltLevel, reason: string): Promise<void> {
    await this.engine.killSwitch.halt(level, reason);
  }

  async resume(by: string): Promise<void> {
    await this.engine.killSwitch.resume(by);
  }

  async stop(): Promise<void> {
    const life = this.#life;
    if (life === undefined) return;
    const { tasks, gateways, policy } = life.engine;
    const joined = tasks.join();
    await this.#turn;
    await joined;
    // The last flow may have sent alarms after the others were joined.
    await tasks.join();
    await Promise.all([gateways.upbit.drained(policy.stopGraceMs), gateways.binance.drained(policy.stopGraceMs)]);
  }

  nextFlowId(kind: string): string {
    this.#flowIds += 1;
    this.#flowsBegun += 1;
    return `${kind}-${this.#flowIds}`;
  }

  positionsChanged(): void {
    this.#changes.wake();
  }

  async exclusive<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(async () => {
      this.#running += 1;
      try {
        return await work();
      } finally {
        this.#running -= 1;
        this.#bell.wake();
      }
    });
    // The next turn comes whatever became of this one.
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #flow(work: () => Promise<FlowResult>): Promise<FlowResult> {
    if (!this.engine.tasks.stopping) {
      try {
        return await this.exclusive(work);
      } catch (error) {
        // A bug, never a venue: what it has left is repaired in the background, and nothing is opened on top of it.
        await this.engine.killSwitch.lock(`a flow failed: ${describe(error)}`);
        throw error;
      }
    }
    const zero = fixed<Btc>(0n);
    return { outcome: 'aborted', spot: zero, perp: zero, residual: this.engine.book.residual, reason: 'the executor is being stopped' };
  }

  #lives(): Life {
    if (this.#life === undefined) throw new InputError('the executor was not started');
    return this.#life;
  }
}

const describe = (error: unknown): string => (error instanceof Error ? `${error.name}: ${error.message}` : String(error));

function buildEngine(ports: ExecutorPorts, policy: ExecutorPolicy, book: PositionBook, bell: Waker): Engine {
  const { clock, journal, notifier, ids, streams } = ports;
  const lease = fenced(ports.lease);
  const tasks = new TaskGroup(clock, async (name, error) => {
    await writer.record({ flow: '-', type: 'monitor', spot: book.spot, perp: book.perp, finding: `${name} failed: ${describe(error)}` });
  });
  const writer: JournalWriter = new JournalWriter(journal, clock, policy, book, tasks, lease);
  const alarm = new Alarm(notifier, clock, policy, tasks, (event) => writer.record(event));
  writer.connect(alarm);
  const gatewayOf = (venue: VenueId): VenueGateway =>
    new VenueGateway(venue, ports[venue], clock, policy, new Quota(quotaOf(venue, clock.now()), policy.closeReserve), lease, {
      banned: async (where, forMs, row) => {
        await writer.record({ flow: '-', type: 'ban', venue: where, until: addMs(clock.now(), Math.ceil(forMs)), row });
        await writer.alert('-', 'RATE_LIMIT_BAN', 'warning', `${where} keeps us away for ${Math.ceil(forMs / 1_000)} s (${row})`);
      },
      banWaitedOut: () => writer.mark('-', 'ban.waited-out'),
    });
  const gateways = { upbit: gatewayOf('upbit'), binance: gatewayOf('binance') };
  for (const gateway of [gateways.upbit, gateways.binance]) {
    const left = (book.bannedUntil(gateway.venue) ?? 0) - clock.now();
    if (left > 0) gateway.honour(left);
  }
  const facts = new OrderFacts(writer, clock);
  const holdings = new Holdings(gateways);
  return {
    clock,
    lease,
    policy,
    tasks,
    book,
    writer,
    alarm,
    killSwitch: new KillSwitch(book, writer, () => bell.wake()),
    gateways,
    prices: new PriceDesk(gateways, clock, policy),
    holdings,
    clockWatch: new ClockWatch(gateways.binance, clock, policy),
    facts,
    sender: new OrderSender(gateways, facts, writer, book, ids, clock, policy),
    resolver: new OrderResolver(gateways, facts, writer, book, holdings, clock, policy, streams, {
      onWatched: () => bell.wake(),
      adoptCopies: async (position) => (await adoptCopies({ book, gateways, clock, writer }, position)) === 'adopted',
    }),
    pace: new Pace(clock, policy.reconcileMs),
    bell,
    suspicion: new Suspicion(),
  };
}

/** Makes the reference executor. @throws InputError when `policy` is not one. */
export const createReferenceExecutor: ExecutorFactory = (ports, policy) => new ReferenceExecutor(ports, parsePolicy(policy));
