import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { TRANSPORT_MODES } from '../../src/exchange/transport-fault.js';
import { loadScenario } from '../../src/faults/load-scenario.js';
import { encodeJournalRecord } from '../../src/journal/journal-codec.js';
import { drill } from '../../src/run/drill.js';
import { exchangeNamed, type OpenExchange } from '../../src/run/exchange-choice.js';
import { executorNamed } from '../../src/run/executors.js';
import { scenariosDir } from '../../src/run/package-paths.js';
import { withoutSigning } from './support/both-ways.js';

let folder: string;
let ccxt: OpenExchange | undefined;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'hedgedrill-transport-'));
  ccxt = await exchangeNamed('ccxt');
});
afterAll(() => rmSync(folder, { recursive: true }));

const head = `apiVersion: scenario/v1
kind: Scenario
id: transport
title: a broken answer to a create
include: [lib/venues.yaml#calm]
flow: [{ do: enter, qty: "0.05" }]
expect: { outcome: [hedged, flat, rolled-back, aborted], within: 600s, final: { netDelta: "0", openOrders: 0 } }
faults:
`;

test.each(TRANSPORT_MODES.flatMap((mode) => ['spot', 'perp'].map((leg) => ({ mode, leg }))))(
  '$mode at the $leg leg: the executor ends hedged and decides alike through both kinds of client',
  async ({ mode, leg }) => {
    const file = join(folder, `${mode}-${leg}.yaml`);
    writeFileSync(file, `${head}  - { id: it, when: { leg: ${leg}, method: createOrder, nth: 1 }, inject: { transport: { mode: ${mode} } } }\n`);
    const scenario = await loadScenario(file, { scenariosDir: scenariosDir() });
    const options = { scenario, executor: await executorNamed('reference'), seed: '1', withFaults: true };
    const object = await drill(options);
    const real = await drill({ ...options, exchange: ccxt });
    expect(object.findings.filter(({ verdict }) => verdict === 'broken')).toEqual([]);
    const belief = [object, real].map(({ journal }) => journal.map((record) => withoutSigning(encodeJournalRecord(record))));
    expect(belief[1]).toEqual(belief[0]);
  },
);
