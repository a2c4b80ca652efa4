import { expect, test } from 'vitest';
import { epochMs } from '../../src/core/units.js';
import type { Notifier } from '../../src/executor/ports.js';
import { ConsoleNotifier } from '../../src/notify/console-notifier.js';

const message = { severity: 'critical', code: 'HALTED', text: 'opening: by hand', at: epochMs(Date.UTC(2025, 0, 2, 3, 4, 5)) } as const;

test('console notifier: a message is one line with severity, UTC time and code', async () => {
  const lines: string[] = [];
  const notifier: Notifier = new ConsoleNotifier((line) => lines.push(line));
  await notifier.notify(message);
  expect(lines).toEqual(['!! 2025-01-02T03:04:05.000Z HALTED: opening: by hand']);
});

test('console notifier: a sink that throws rejects, so that the executor learns of the dead channel', async () => {
  const notifier = new ConsoleNotifier(() => {
    throw new Error('EPIPE');
  });
  await expect(notifier.notify(message)).rejects.toThrow('EPIPE');
});
