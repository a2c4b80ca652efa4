import { describe, expect, test } from 'vitest';
import { durationMs, epochMs } from '../../src/core/units.js';
import { LeaseKeeper } from '../../src/executor/lease-keeper.js';
import { MemoryLeaseStore } from '../../src/sim/memory-lease-store.js';
import { ProcessLife, WallClock } from '../../src/sim/process-life.js';
import { VirtualClock } from '../../src/sim/virtual-clock.js';

const TERM_MS = 15_000;

function bench() {
  const clock = new VirtualClock(epochMs(Date.UTC(2026, 0, 5)), { maxVirtualMs: 3_600_000 });
  const wall = new WallClock(clock);
  const store = new MemoryLeaseStore(() => clock.monotonic());
  const lost: string[] = [];
  const instance = (owner: string) => {
    const life = new ProcessLife(0, clock, wall);
    return { life, keeper: new LeaseKeeper(store, life, { owner, termMs: TERM_MS }, () => void lost.push(owner)) };
  };
  const wait = (ms: number): Promise<void> => clock.sleep(durationMs(ms));
  return { clock, wall, store, lost, instance, wait };
}

describe('lease keeper', () => {
  test('while it renews nobody else gets the lease, whatever the wall clock says; once it stops, after the term', async () => {
    const { clock, wall, instance, wait } = bench();
    await clock.run(async () => {
      const a = instance('a').keeper;
      const b = instance('b').keeper;
      expect(await a.acquire()).toBe(true);
      await wait(120_000);
      wall.jump(3_600_000);
      expect([a.held(), await b.acquire(), b.held()]).toEqual([true, false, false]);
      a.stop();
      await wait(TERM_MS);
      expect([a.held(), await b.acquire(), b.held()]).toEqual([false, true, true]);
    });
  });

  test('an instance that stood still past its term: gives up before the other begins, and stays without for good', async () => {
    const { clock, lost, instance, wait } = bench();
    await clock.run(async () => {
      const a = instance('a');
      const b = instance('b').keeper;
      await a.keeper.acquire();
      a.life.stall(epochMs(clock.now() + 60_000));
      await wait(TERM_MS);
      expect([a.keeper.held(), await b.acquire()]).toEqual([false, true]);
      await wait(60_000);
      expect([a.keeper.held(), a.keeper.token, b.held(), lost]).toEqual([false, undefined, true, ['a']]);
    });
  });

  test('a new life of the same owner takes over at once, and the older token is no longer the newest', async () => {
    const { clock, store, instance } = bench();
    await clock.run(async () => {
      const before = instance('a').keeper;
      await before.acquire();
      const old = before.token;
      const after = instance('a').keeper;
      expect(await after.acquire()).toBe(true);
      expect([store.isNewest(old), store.isNewest(after.token)]).toEqual([false, true]);
    });
  });

  test('a store that does not answer: the lease holds until its term and no longer', async () => {
    const { clock, instance, store, wait } = bench();
    await clock.run(async () => {
      const { keeper } = instance('a');
      await keeper.acquire();
      store.renew = () => Promise.reject(new Error('the store is down'));
      await wait(TERM_MS - 1);
      expect(keeper.held()).toBe(true);
      await wait(1);
      expect(keeper.held()).toBe(false);
    });
  });
});
