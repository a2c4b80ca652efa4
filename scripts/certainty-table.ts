/**
 * Writes docs/certainty.md from the certainty table: `npx tsx scripts/certainty-table.ts`. A test compares
 * the file with what this writes.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { format } from 'prettier';
import { markdownRow } from '../src/core/markdown.js';
import type { VenueId } from '../src/core/units.js';
import type { CertaintyRow, WireAnswer } from '../src/exchange/certainty-row.js';
import { CERTAINTY_SOURCES, CERTAINTY_TABLE } from '../src/exchange/certainty-table.js';
import type { OrderOperation } from '../src/exchange/judgement.js';

export const CERTAINTY_DOCUMENT = new URL('../docs/certainty.md', import.meta.url);

const NAMES: Readonly<Record<VenueId, string>> = { upbit: 'Upbit (`ccxt.upbit`)', binance: 'Binance USD-M (`ccxt.binanceusdm`)' };

function answerCell(answer: WireAnswer): string {
  if (answer.kind === 'none') return `no whole answer: ${answer.cause}`;
  if (answer.kind === 'mangled') return `200 and an order, by a connection that breaks it: ${answer.mode}`;
  if (answer.kind === 'unsent') return `nothing is sent: ${answer.call}`;
  const body = answer.body.replace(/\s+/g, ' ');
  return `${answer.status} ${body === '' ? '(empty)' : `\`${body.length > 90 ? `${body.slice(0, 87)}...` : body}\``}`;
}

function outcomeCell(row: CertaintyRow, operation: OrderOperation): string {
  if (row.answer.kind === 'unsent' && operation !== 'createOrder') return '';
  const { certainty, advice } = row.outcomes[operation];
  return advice === 'none' ? certainty : `${certainty}, ${advice}`;
}

function venueTable(venue: VenueId): string {
  const rows = CERTAINTY_TABLE.filter((row) => row.venue === venue);
  const lines = rows.map((row) =>
    markdownRow([
      row.id.slice(venue.length + 1),
      answerCell(row.answer),
      row.outcomes.createOrder.gives,
      outcomeCell(row, 'createOrder'),
      outcomeCell(row, 'cancelOrder'),
      outcomeCell(row, 'fetchOrder'),
      row.source,
    ]),
  );
  const head = ['row', 'wire answer', 'ccxt gives', 'createOrder', 'cancelOrder', 'fetchOrder', 'source'];
  return [`## ${NAMES[venue]}: ${rows.length} answers`, '', markdownRow(head), markdownRow(head.map(() => '---')), ...lines].join('\n');
}

/** The text of docs/certainty.md. */
export async function certaintyDocument(): Promise<string> {
  const text = `# What an answer proves

Generated from \`src/exchange/certainty-table.ts\` by \`npx tsx scripts/certainty-table.ts\`; do not edit. ${CERTAINTY_TABLE.length} wire answers, each for
\`createOrder\`, \`cancelOrder\` and \`fetchOrder\`. A test feeds every answer through the pinned ccxt clients and compares class, shape and certainty, so a ccxt upgrade
that moves a row fails.

- **accepted**: the venue took it. **refused**: it did not and never will. **unknown**: anything else; look the order up by its client id.
- For a cancel the words speak of the cancel request: an accepted cancel is not yet a cancelled order. For a read, an error is never an answer, and one "not found" is not absence.
- The venue's code and the HTTP status decide; they stand in the text of ccxt's error. ccxt's class decides only where neither can be read. What is not in a table is unknown.
- Where sources differ on whether an answer proves a refusal, unknown wins (source \`caution\`).
- \`Retry-After\` is not on ccxt's errors. The end of a ban is known only from the text ("banned until"), the length of a block only if the text gives seconds.

${venueTable('upbit')}

${venueTable('binance')}

## Sources

${Object.entries(CERTAINTY_SOURCES)
  .map(([key, words]) => `- \`${key}\`: ${words}`)
  .join('\n')}
`;
  return format(text, { parser: 'markdown', printWidth: 150 });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(CERTAINTY_DOCUMENT, await certaintyDocument());
