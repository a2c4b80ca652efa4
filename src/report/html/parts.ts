import type { Tails } from '../metrics/tails.js';
import { isNotAvailable, type Maybe } from '../not-available.js';
import { grouped } from '../number-text.js';
import { markup, type Markup } from './markup.js';

/** A minus as wide as the digits. */
export const signed = (text: string): string => text.replace(/^-/, '−');

/** KRW to the won, red when it is a loss; the reason where there is no figure. */
export function krwCell(amount: Maybe<string>): Markup {
  if (isNotAvailable(amount)) return naCell(amount);
  return markup`<span>${signed(grouped(Number(amount)))}</span>`;
}

export const naCell = ({ na }: { readonly na: string }): Markup => markup`<span class="na" title="${na}">N/A (${na})</span>`;

/** The same where a column of reasons would be too wide; the reason is under the pointer. */
export const naBrief = ({ na }: { readonly na: string }): Markup => markup`<span class="na" title="${na}">N/A</span>`;

export function figureCell(value: Maybe<number> | null, decimals: number, unit = ''): Markup {
  if (value === null) return markup`<span class="na">N/A</span>`;
  return isNotAvailable(value) ? naCell(value) : markup`${signed(grouped(value, decimals))}${unit}`;
}

export function shareCell(value: Maybe<number>, decimals = 1): Markup {
  return isNotAvailable(value) ? naCell(value) : markup`${signed(grouped(value * 100, decimals))} %`;
}

export type Cell = Markup | string | number;

/** A table that scrolls inside itself on a narrow screen. Columns named with a leading `<` hold text. */
export function table(columns: readonly string[], rows: readonly (readonly Cell[])[], total?: readonly Cell[]): Markup {
  const isText = (index: number): boolean => columns[index]?.startsWith('<') ?? false;
  const head = columns.map((name, index) =>
    isText(index) ? markup`<th class="text" scope="col">${name.slice(1)}</th>` : markup`<th scope="col">${name}</th>`,
  );
  const body = (cells: readonly Cell[]): Markup[] =>
    cells.map((cell, index) => (isText(index) ? markup`<td class="text">${cell}</td>` : markup`<td>${cell}</td>`));
  return markup`<div class="scroll">
    <table>
      <thead>
        <tr>
          ${head}
        </tr>
      </thead>
      <tbody>
        ${rows.map(
          (cells) =>
            markup`<tr>
              ${body(cells)}
            </tr> `,
        )}${
          total !== undefined &&
          markup`<tr class="total">
            ${body(total)}
          </tr>`
        }
      </tbody>
    </table>
  </div>`;
}

export const TAIL_COLUMNS = ['', 'n', 'never', 'mean', 'p50', 'p95', 'p99', 'max'] as const;

export function tailsRow(name: string, tails: Tails, decimals: number): readonly Cell[] {
  return [name, tails.n, tails.censored, ...[tails.mean, tails.p50, tails.p95, tails.p99, tails.max].map((value) => figureCell(value, decimals))];
}
