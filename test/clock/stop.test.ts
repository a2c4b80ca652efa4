import { expect, test } from 'vitest';
import { Stop, type StopSignal } from '../../src/clock/stop.js';

test('those who wait are called once, in the order in which they began to', () => {
  const stop = new Stop();
  const called: string[] = [];
  stop.addEventListener('abort', () => called.push('first'));
  stop.addEventListener('abort', () => called.push('second'));
  stop.abort();
  stop.abort();
  expect(called).toEqual(['first', 'second']);
  expect(stop.aborted).toBe(true);
});

test('one that was removed is not called, not even by one before it', () => {
  const stop = new Stop();
  const called: string[] = [];
  const last = (): void => void called.push('last');
  stop.addEventListener('abort', () => stop.removeEventListener('abort', last));
  stop.addEventListener('abort', last);
  stop.abort();
  expect(called).toEqual([]);
});

test('it behaves like the signal of an AbortController', () => {
  const ends = [new Stop(), new AbortController()].map((source) => {
    const signal: StopSignal = source instanceof Stop ? source : source.signal;
    const called: string[] = [];
    const twice = (): void => void called.push('twice');
    signal.addEventListener('abort', twice, { once: true });
    signal.addEventListener('abort', twice, { once: true });
    source.abort();
    signal.addEventListener('abort', () => called.push('too late'));
    source.abort();
    return { called, aborted: signal.aborted };
  });
  expect(ends[0]).toEqual(ends[1]);
});
