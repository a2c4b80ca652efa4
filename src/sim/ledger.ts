import { assert } from '../core/assert.js';
import type { Asset, Fixed } from '../core/money.js';
import { fixed, formatFixed } from '../core/money.js';
import type { VenueId } from '../core/units.js';
import type { PostingReason } from './tape-event.js';

interface Account {
  total: bigint;
  locked: bigint;
}

/** Told of every movement, in order; the tape writes them down. */
export type PostingListener = (venue: VenueId, asset: Asset, amount: Fixed<string>, reason: PostingReason, ref: string) => void;

/**
 * What both venues owe us, exactly, in units of 1e-8. The only way to change a total is `post`, so that the
 * tape's postings always add up to it. Amounts held by open orders stay part of the total (`locked`).
 */
export class Ledger {
  readonly #accounts = new Map<string, Account>();
  readonly #onPosting: PostingListener;

  constructor(onPosting: PostingListener) {
    this.#onPosting = onPosting;
  }

  /** @throws InternalError when the change would leave less than what open orders hold. */
  post(venue: VenueId, asset: Asset, amount: bigint, reason: PostingReason, ref: string): void {
    if (amount === 0n) return;
    const account = this.#account(venue, asset);
    account.total += amount;
    // A derivatives wallet may owe for a moment (a liquidation); nobody can owe coins or KRW at a spot venue.
    assert(
      venue === 'binance' || account.total >= account.locked,
      () =>
        `${venue} ${asset}: ${reason} of ${formatFixed(amount)} leaves ${formatFixed(account.total)}, but ${formatFixed(account.locked)} is locked`,
    );
    this.#onPosting(venue, asset, fixed(amount), reason, ref);
  }

  /** Sets aside `amount` of what is free for an order. */
  lock(venue: VenueId, asset: Asset, amount: bigint): void {
    const account = this.#account(venue, asset);
    assert(amount >= 0n && account.locked + amount <= account.total, () => `${venue} ${asset}: cannot lock ${formatFixed(amount)}`);
    account.locked += amount;
  }

  unlock(venue: VenueId, asset: Asset, amount: bigint): void {
    const account = this.#account(venue, asset);
    assert(
      amount >= 0n && amount <= account.locked,
      () => `${venue} ${asset}: cannot unlock ${formatFixed(amount)} of ${formatFixed(account.locked)}`,
    );
    account.locked -= amount;
  }

  total(venue: VenueId, asset: Asset): bigint {
    return this.#account(venue, asset).total;
  }

  locked(venue: VenueId, asset: Asset): bigint {
    return this.#account(venue, asset).locked;
  }

  free(venue: VenueId, asset: Asset): bigint {
    const account = this.#account(venue, asset);
    return account.total - account.locked;
  }

  #account(venue: VenueId, asset: Asset): Account {
    const key = `${venue}/${asset}`;
    let account = this.#accounts.get(key);
    if (account === undefined) {
      account = { total: 0n, locked: 0n };
      this.#accounts.set(key, account);
    }
    return account;
  }
}
