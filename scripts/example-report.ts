// Rebuilds reports/example: run it when a change of the code is meant to change the report.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EXAMPLE_DIR, writeExampleReport } from '../src/run/example-report.js';

const scratch = await mkdtemp(join(tmpdir(), 'hedgedrill-example-'));
const files = await writeExampleReport(EXAMPLE_DIR, scratch);
await rm(scratch, { recursive: true, force: true });
console.log(`${EXAMPLE_DIR}: ${files.join(', ')}`);
