import fc from 'fast-check';
import { expect, test } from 'vitest';
import { fixed, fixedFromNumber, formatFixed, isDecimal, parseFixed, toNumber, type Btc } from '../../src/core/money.js';

/** Amounts on both sides of what a `number` holds exactly. */
const amounts = fc.oneof(
  fc.bigInt({ min: -(10n ** 24n), max: 10n ** 24n }),
  fc.bigInt({ min: -(2n ** 54n), max: 2n ** 54n }),
  fc.bigInt({ min: -1000n, max: 1000n }),
);

/** The decimal by long division, digit for digit. */
function written(amount: bigint): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(9, '0');
  const fraction = digits.slice(-8).replace(/0+$/, '');
  return `${amount < 0n ? '-' : ''}${digits.slice(0, -8)}${fraction === '' ? '' : `.${fraction}`}`;
}

test('an amount is written digit for digit and read back, whether a number could hold it or not', () => {
  fc.assert(
    fc.property(amounts, (amount) => {
      expect(formatFixed(amount)).toBe(written(amount));
      expect(parseFixed<Btc>(written(amount))).toBe(fixed<Btc>(amount));
      expect(Object.is(toNumber(amount), Number(written(amount)))).toBe(true);
    }),
  );
});

test('what is read is what the pattern of a decimal takes', () => {
  const texts = fc.oneof(fc.string({ unit: fc.constantFrom(...'0123456789.-e+ '), maxLength: 12 }), fc.double().map(String));
  fc.assert(
    fc.property(texts, (text) => {
      if (isDecimal(text)) expect(Number(formatFixed(parseFixed<Btc>(text)))).toBe(Number(text) + 0);
      else expect(() => parseFixed<Btc>(text)).toThrow('not a decimal');
    }),
  );
});

test.each(['1.', '.5', '', '-', '1.2.3', '1.123456789', '１', '1\n'])('%j is no decimal', (text) => {
  expect(() => parseFixed<Btc>(text)).toThrow('not a decimal');
});

test('a figure becomes the amount of its shortest decimal', () => {
  expect(fixedFromNumber<Btc>(0.1)).toBe(10_000_000n);
  expect(fixedFromNumber<Btc>(-12_345.678)).toBe(parseFixed<Btc>('-12345.678'));
});
