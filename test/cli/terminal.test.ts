import { afterEach, expect, test, vi } from 'vitest';
import { TerminalObserver } from '../../src/cli/terminal.js';
import { durationMs, epochMs } from '../../src/core/units.js';
import { installAmbientGuard } from '../../src/sim/ambient-guard.js';
import { VirtualClock } from '../../src/sim/virtual-clock.js';

const wasTTY = process.stderr.isTTY;
afterEach(() => {
  process.stderr.isTTY = wasTTY;
  vi.restoreAllMocks();
});

test('progress bar on a terminal while virtual time runs: draws, and sets no timer of its own', async () => {
  installAmbientGuard();
  process.stderr.isTTY = true;
  const written: string[] = [];
  vi.spyOn(process.stderr, 'write').mockImplementation((text) => {
    written.push(String(text));
    return true;
  });
  const observer = new TerminalObserver(false);
  const clock = new VirtualClock(epochMs(1_700_000_000_000));
  await clock.run(async () => {
    observer.progress('trading', 1, 4);
    await clock.sleep(durationMs(30 * 86_400_000));
    observer.progress('trading', 4, 4);
  });
  expect(clock.steps).toBe(1);
  expect(written.join('')).toContain('trading');
  expect(written.join('')).toContain('100 %');
});
