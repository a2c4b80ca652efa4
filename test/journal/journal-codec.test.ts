import fc from 'fast-check';
import { expect, test } from 'vitest';
import { InputError } from '../../src/core/input-error.js';
import { parseFixed, type Btc } from '../../src/core/money.js';
import { epochMs } from '../../src/core/units.js';
import { decodeJournalRecord, encodeJournalRecord } from '../../src/journal/journal-codec.js';
import { journalEvents, withoutUndefined } from '../support/journal-events.js';

const halt = '{"seq":3,"t":1767571200000,"flow":"-","type":"halt","level":"freeze","reason":"by hand"}';

test('journal codec: any event comes back as it was, and encodes to the same bytes again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 1e9 }), journalEvents, (seq, event) => {
      const line = encodeJournalRecord({ seq, event });
      const back = decodeJournalRecord(line);
      expect(back).toEqual({ seq, event: withoutUndefined(event) });
      expect(encodeJournalRecord(back)).toBe(line);
      expect(line).not.toContain('\n');
    }),
  );
});

test('journal codec: amounts are decimal strings and keys stand in one order, whatever order the event has', () => {
  const dust = {
    total: parseFixed<Btc>('-0.0004'),
    quantity: parseFixed<Btc>('0.00000001'),
    leg: 'spot',
    type: 'dust',
    flow: 'exit-2',
    t: epochMs(5),
  } as const;
  expect(encodeJournalRecord({ seq: 7, event: dust })).toBe(
    '{"seq":7,"t":5,"flow":"exit-2","type":"dust","leg":"spot","quantity":"0.00000001","total":"-0.0004"}',
  );
});

test.each([
  { name: 'a cut line', line: halt.slice(0, 60), problem: 'journal.jsonl:3: not a line of JSON' },
  { name: 'no mapping', line: '[1]', problem: 'expected a mapping' },
  { name: 'no sequence number', line: halt.replace('"seq":3,', ''), problem: 'not a journal record' },
  { name: 'an unknown event', line: halt.replace('"halt"', '"stop"'), problem: 'type: unknown journal event "stop"' },
  { name: 'a word that is no level', line: halt.replace('freeze', 'melt'), problem: 'level: expected one of opening, flatten, freeze, found "melt"' },
  { name: 'a missing field', line: halt.replace(',"reason":"by hand"', ''), problem: 'reason: expected text, found nothing' },
  { name: 'a field too much', line: halt.replace('}', ',"colour":"red"}'), problem: 'colour: "halt" has no such field' },
  {
    name: 'an amount as a number',
    line: '{"seq":1,"t":1,"flow":"f","type":"dust","leg":"spot","quantity":0.5,"total":"1"}',
    problem: 'quantity: expected a decimal string, found 0.5',
  },
  {
    name: 'an amount with nine decimals',
    line: '{"seq":1,"t":1,"flow":"f","type":"dust","leg":"spot","quantity":"0.123456789","total":"1"}',
    problem: 'quantity: expected a decimal string',
  },
])('journal codec, $name: refused with place and field', ({ line, problem }) => {
  const read = (): unknown => decodeJournalRecord(line, { file: 'journal.jsonl', line: 3 });
  expect(read).toThrow(InputError);
  expect(read).toThrow(problem);
});
