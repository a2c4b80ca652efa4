import { DateTime, Info } from 'luxon';

export const isTimeZone = (zone: string): boolean => Info.normalizeZone(zone).isValid;

export type TimeForm = { readonly unit: 's' | 'ms' | 'us' | 'ns' } | { readonly format: string; readonly zone?: string | undefined };

/** A time, or why a text is none. */
export type ReadTime = { readonly at: number } | { readonly problem: string; readonly hint: string };

/** How many of a unit make a millisecond, as a power of ten; seconds are multiplied. */
const DECIMALS = { s: -3, ms: 0, us: 3, ns: 6 } as const;

/** Reads times of one form. A moment that a zone's clocks show twice or never is no moment. */
export function timeReader(form: TimeForm): (text: string) => ReadTime {
  return 'unit' in form ? (text) => numberTime(text, form.unit) : textReader(form.format, form.zone);
}

function numberTime(text: string, unit: keyof typeof DECIMALS): ReadTime {
  if (!/^\d{1,19}(\.\d+)?$/.test(text))
    return { problem: `not a number of ${unit}: ${JSON.stringify(text)}`, hint: 'For dates in words give time.format instead of time.unit.' };
  const [whole = '', fraction = ''] = text.split('.');
  const shift = DECIMALS[unit];
  // In digits, not in floating point: nanoseconds have nineteen of them.
  const digits = shift < 0 ? whole + fraction.padEnd(-shift, '0').slice(0, -shift) : whole.slice(0, whole.length - shift) || '0';
  const rest = shift < 0 ? fraction.slice(-shift) : whole.slice(whole.length - shift) + fraction;
  if (/[1-9]/.test(rest)) return { problem: `${text} ${unit} is no whole millisecond`, hint: 'Times are kept in whole milliseconds: round it.' };
  return { at: Number(digits) };
}

function textReader(format: string, zone: string | undefined): (text: string) => ReadTime {
  const parser = DateTime.buildFormatParser(format, { locale: 'en' });
  const hasZone = /Z|z/.test(format.replace(/'[^']*'/g, ''));
  return (text) => {
    const read = DateTime.fromFormatParser(text, parser, { zone: zone ?? 'UTC', setZone: hasZone && zone === undefined, locale: 'en' });
    if (!read.isValid)
      return {
        problem: `${JSON.stringify(text)} does not have the form ${format}`,
        hint: 'time.format is in the tokens of Luxon: yyyy-MM-dd HH:mm:ss',
      };
    // Luxon moves what a jump of the clocks leaves out, and takes the first of what they show twice.
    const shown = hasZone ? text : read.toFormat(format, { locale: 'en' });
    if (shown.trim() !== text.trim() && !sameDigits(shown, text))
      return { problem: `${JSON.stringify(text)} does not exist in ${zone ?? 'UTC'}: the clocks jump over it`, hint: 'Is it in another zone?' };
    if (read.getPossibleOffsets().length > 1)
      return {
        problem: `${JSON.stringify(text)} is there twice in ${zone ?? 'UTC'}: the clocks go back`,
        hint: 'Export the times in UTC, or with their offset.',
      };
    return { at: read.toMillis() };
  };
}

/** `9:05` and `09:05` are one time. */
const sameDigits = (a: string, b: string): boolean => (a.match(/\d+/g) ?? []).map(Number).join() === (b.match(/\d+/g) ?? []).map(Number).join();
