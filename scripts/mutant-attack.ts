/** Runs inside the copy of a mutant, in a process of its own: one order in JSON as its argument, one answer in JSON on its output. */
import { writeSync } from 'node:fs';
import { Attack } from './mutants/attack.js';
import type { AttackOrder } from './mutants/verdict.js';

const order = JSON.parse(process.argv[2] ?? '{}') as AttackOrder;
if (order.do === 'attack') {
  const attack = await Attack.begin(order.seconds);
  writeSync(1, JSON.stringify(await attack.run(order.group)));
} else {
  const attack = await Attack.begin(Number.POSITIVE_INFINITY);
  const broken = await attack.breakOf(order.target).catch((error: unknown) => ({ promise: 'threw', expected: '', found: String(error) }));
  writeSync(1, JSON.stringify({ broken }));
}
// Background work of a mutant may have been left waiting.
process.exit(0);
