import dns from 'node:dns';
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import net from 'node:net';
import timersPromises from 'node:timers/promises';
import zlib from 'node:zlib';
import { durationMs } from '../core/units.js';
import { VirtualClock, type AmbientTime } from './virtual-clock.js';

type AnyFunction = (this: unknown, ...args: never[]) => unknown;

let installed = false;

const ambient = (): AmbientTime | undefined => VirtualClock.active()?.ambient;

/** Real I/O was asked for while virtual time ran: its answer would land at a place that differs from run to run. */
export class RealIoError extends Error {
  override readonly name = 'RealIoError';

  constructor(what: string) {
    super(`real I/O under the virtual clock: ${what}. Code that runs on virtual time reaches the world through its ports only.`);
  }
}

/**
 * Makes code that was not written for ports run on virtual time: while a `VirtualClock` runs, the ambient clock and
 * timers follow it, and real I/O throws `RealIoError`. Between runs everything is the real thing. Installed once for
 * good, before the code under test is loaded (ccxt captures `Date.now` at import).
 */
export function installAmbientGuard(): void {
  if (installed) return;
  installed = true;
  shimDate();
  shimTimers();
  poisonRealIo();
  syncBuiltinESMExports();
}

function shimDate(): void {
  const RealDate = Date;
  const now = (): number => ambient()?.now() ?? RealDate.now();
  const Shim: DateConstructor = new Proxy(RealDate, {
    apply: () => new RealDate(now()).toString(),
    construct: (target, args: unknown[], newTarget) =>
      Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget === Shim ? target : newTarget) as object,
    get: (target, key) => (key === 'now' ? now : (Reflect.get(target, key) as unknown)),
  });
  globalThis.Date = Shim;
  const realPerformanceNow = performance.now.bind(performance);
  performance.now = () => ambient()?.monotonic() ?? realPerformanceNow();
  const realHrtime = process.hrtime.bind(process);
  const virtualNanos = (): bigint | undefined => {
    const clock = ambient();
    return clock === undefined ? undefined : BigInt(clock.monotonic()) * 1_000_000n;
  };
  const realBigint = process.hrtime.bigint.bind(process.hrtime);
  const shim = (earlier?: [number, number]): [number, number] => {
    const nanos = virtualNanos();
    if (nanos === undefined) return realHrtime(earlier);
    const since = nanos - (earlier === undefined ? 0n : BigInt(earlier[0]) * 1_000_000_000n + BigInt(earlier[1]));
    return [Number(since / 1_000_000_000n), Number(since % 1_000_000_000n)];
  };
  process.hrtime = Object.assign(shim, { bigint: () => virtualNanos() ?? realBigint() });
}

/** A timer handed out under virtual time; carries the methods of Node's own handles that callers use. */
class VirtualTimer {
  cancelled = false;
  stop: () => void = () => undefined;

  ref(): this {
    return this;
  }
  unref(): this {
    return this;
  }
  hasRef(): boolean {
    return true;
  }
  [Symbol.toPrimitive](): number {
    return 0;
  }
}

function shimTimers(): void {
  const real = { setTimeout, setInterval, setImmediate, clearTimeout, clearInterval, clearImmediate };
  const after = (clock: AmbientTime, delay: number, timer: VirtualTimer, act: () => void): void => {
    const handle = clock.after(delay, () => {
      if (!timer.cancelled) act();
    });
    timer.stop = () => handle.cancel();
  };
  // Node's own timers wait at least 1 ms and run immediates after what is runnable now.
  const wait = (delay: unknown): number => Math.max(1, Math.trunc(Number(delay) || 0));
  const start = (kind: 'timeout' | 'interval' | 'immediate', act: AnyFunction, delay: unknown, args: never[]): unknown => {
    const clock = ambient();
    if (clock === undefined) return undefined;
    const timer = new VirtualTimer();
    const ms = kind === 'immediate' ? 0 : wait(delay);
    const fire = (): void => {
      if (kind === 'interval') after(clock, ms, timer, fire);
      act(...args);
    };
    after(clock, ms, timer, fire);
    return timer;
  };
  const clear = (realClear: (handle: never) => void) => (handle: unknown) => {
    if (handle instanceof VirtualTimer) {
      handle.cancelled = true;
      handle.stop();
    } else realClear(handle as never);
  };
  const replace = (name: string, value: unknown): void => {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true });
  };
  replace(
    'setTimeout',
    (act: AnyFunction, delay?: number, ...args: never[]) => start('timeout', act, delay, args) ?? real.setTimeout(act, delay, ...args),
  );
  replace(
    'setInterval',
    (act: AnyFunction, delay?: number, ...args: never[]) => start('interval', act, delay, args) ?? real.setInterval(act, delay, ...args),
  );
  replace('setImmediate', (act: AnyFunction, ...args: never[]) => start('immediate', act, 0, args) ?? real.setImmediate(act, ...args));
  replace('clearTimeout', clear(real.clearTimeout));
  replace('clearInterval', clear(real.clearInterval));
  replace('clearImmediate', clear(real.clearImmediate));
  const realSleep = timersPromises.setTimeout;
  timersPromises.setTimeout = (async (delay?: number, value?: unknown, options?: never) => {
    const clock = ambient();
    if (clock === undefined) return realSleep(delay, value, options);
    await clock.sleep(durationMs(wait(delay)));
    return value;
  }) as typeof realSleep;
  const realAbortTimeout = AbortSignal.timeout.bind(AbortSignal);
  // AbortSignal.timeout uses a timer of its own that a patched setTimeout does not catch.
  AbortSignal.timeout = (delay: number) => {
    if (VirtualClock.active() === undefined) return realAbortTimeout(delay);
    const controller = new AbortController();
    globalThis.setTimeout(() => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')), delay);
    return controller.signal;
  };
}

function poisonRealIo(): void {
  poison(globalThis as unknown as Record<string, AnyFunction>, ['fetch'], 'fetch');
  poison(net.Socket.prototype as unknown as Record<string, AnyFunction>, ['connect'], 'a socket');
  poison(dns as unknown as Record<string, AnyFunction>, ['lookup', 'resolve'], 'dns');
  poison(
    fs.promises as unknown as Record<string, AnyFunction>,
    ['readFile', 'writeFile', 'open', 'stat', 'mkdir', 'rename', 'rm', 'appendFile', 'readdir'],
    'fs.promises',
  );
  poison(
    fs as unknown as Record<string, AnyFunction>,
    ['readFile', 'writeFile', 'open', 'stat', 'createReadStream', 'createWriteStream'],
    'asynchronous fs',
  );
  poison(
    zlib as unknown as Record<string, AnyFunction>,
    ['gzip', 'gunzip', 'deflate', 'inflate', 'brotliCompress', 'brotliDecompress'],
    'asynchronous zlib',
  );
  poison(
    Object.getPrototypeOf(globalThis.crypto.subtle) as Record<string, AnyFunction>,
    ['digest', 'sign', 'verify', 'encrypt', 'decrypt', 'generateKey', 'importKey', 'deriveBits'],
    'crypto.subtle',
  );
  // Chance is not I/O, but an unseeded draw would break the same promise.
  const realRandom = Math.random;
  Math.random = () => {
    if (VirtualClock.active() !== undefined) throw new RealIoError('Math.random (use the IdSource port)');
    return realRandom();
  };
  const realUuid = globalThis.crypto.randomUUID.bind(globalThis.crypto);
  globalThis.crypto.randomUUID = () => {
    if (VirtualClock.active() !== undefined) throw new RealIoError('crypto.randomUUID (use the IdSource port)');
    return realUuid();
  };
}

function poison(owner: Record<string, AnyFunction>, names: readonly string[], what: string): void {
  for (const name of names) {
    const real = owner[name];
    if (typeof real !== 'function') continue;
    owner[name] = function (this: unknown, ...args: never[]): unknown {
      if (VirtualClock.active() !== undefined) throw new RealIoError(`${what} (${name})`);
      return real.apply(this, args);
    };
  }
}
