/** Runs inside the copy of a mutant, in a process of its own: one order in JSON as its argument, one answer in JSON on its output. */
import { writeSync } from 'node:fs';
import { Attack } from './mutants/attack.js';
import type { AttackOrder, Break, CheckResult } from './mutants/verdict.js';

const order = JSON.parse(process.argv[2] ?? '{}') as AttackOrder;
if (order.do === 'attack') {
  const attack = await Attack.begin(order.seconds, order.levels);
  writeSync(1, JSON.stringify(await attack.run(order.group)));
} else {
  const attack = await Attack.begin(Number.POSITIVE_INFINITY, []);
  const broken: (Break | null)[] = [];
  for (const target of order.targets) broken.push((await attack.breakOf(target)) ?? null);
  const result: CheckResult = { broken };
  writeSync(1, JSON.stringify(result));
}
// Background work of a mutant may have been left waiting.
process.exit(0);
