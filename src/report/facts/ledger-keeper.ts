import { assert } from '../../core/assert.js';
import { formatFixed, toNumber } from '../../core/money.js';
import type { Ledger, TapeOf } from './fact-types.js';

/** Adds up the postings, and takes the deposits as the opening when a tape posts none for them. */
export class LedgerKeeper {
  readonly #totals = new Map<string, bigint>();
  readonly #byReason = new Map<string, bigint>();
  readonly #capital: Ledger['capital'][number][] = [];
  readonly #deposits: TapeOf<'deposit'>[] = [];
  readonly #forced = new Map<string, number>();
  readonly #balances: TapeOf<'balance'>[] = [];

  deposit(event: TapeOf<'deposit'>): void {
    this.#deposits.push(event);
  }

  posting(event: TapeOf<'posting'>): void {
    this.#add(`${event.venue}/${event.asset}`, event.amount, event.reason);
    if (event.reason === 'realized-pnl' && event.ref.startsWith('forced-')) this.#forced.set(event.ref, toNumber(event.amount));
    if (event.reason === 'deposit' || event.reason === 'external') this.#capital.push(event);
  }

  /** USDT that the venue booked as the result of its n-th forced change, from 1; nothing booked is 0. */
  realizedByForce(n: number): number {
    return this.#forced.get(`forced-${n}`) ?? 0;
  }

  balance(event: TapeOf<'balance'>): void {
    this.#balances.push(event);
  }

  /** @throws InternalError when the postings do not add up to a closing balance of the tape. */
  ledger(): Ledger {
    for (const event of this.#deposits) {
      const posted = this.#capital.some((item) => item.reason === 'deposit' && item.venue === event.venue && item.asset === event.asset);
      if (posted) continue;
      this.#add(`${event.venue}/${event.asset}`, event.amount, 'deposit');
      this.#capital.push({ reason: 'deposit', ...event });
    }
    for (const { venue, asset, total } of this.#balances) {
      const sum = this.#totals.get(`${venue}/${asset}`) ?? 0n;
      assert(sum === total, () => `${venue} ${asset}: the postings add up to ${formatFixed(sum)}, the closing balance is ${formatFixed(total)}`);
    }
    return { totals: this.#totals, byReason: this.#byReason, capital: this.#capital };
  }

  #add(key: string, amount: bigint, reason: string): void {
    this.#totals.set(key, (this.#totals.get(key) ?? 0n) + amount);
    this.#byReason.set(`${key}/${reason}`, (this.#byReason.get(`${key}/${reason}`) ?? 0n) + amount);
  }
}
