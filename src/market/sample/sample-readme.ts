import { instantText } from '../row-rules.js';
import type { CalibrationRow } from './sample-calibration.js';
import { CRASH, DAY_MINUTES, MINUTE_MS, OUTAGE, QUIET_MINUTES, REGIMES, SAMPLE_MINUTES, SAMPLE_START_MS } from './sample-parameters.js';

const at = (minute: number): string =>
  instantText(SAMPLE_START_MS + minute * MINUTE_MS)
    .replace('T', ' ')
    .replace(':00Z', ' UTC');
const day = (count: number): string => at(count * DAY_MINUTES).slice(0, 10);

/**
 * The text of `data/README.md`: what the files are and how close they come to what they imitate.
 * @param hourLagHalfLifeHours - the figure that the model misses on purpose.
 */
export function sampleReadme(seed: number | string, calibration: readonly CalibrationRow[], hourLagHalfLifeHours: number): string {
  return `# Data

This folder holds what \`npm start\` and the tests run on without any download: \`sample/\`, 30 days of minutes.

**Everything in \`sample/\` is SYNTHETIC. No market ever traded at these prices, and no result on them says what a strategy
would have earned.** The numbers come from a seeded model that was calibrated on published statistics of real data; they
exercise the executor, they are not evidence. Every file says so in its first line, and so does every report made from them.

This file and \`sample/\` are written by \`hedgedrill data sample\` (seed ${seed}): do not edit them by hand. The same seed gives the
same bytes, which a test checks.

## Files

All times are milliseconds UTC. \`premium-1m.csv\` is labelled by the moment a row could be observed (candle open + 1 min), candle
files by the open of the candle, daily rates by their day (known from 15:00 UTC on). Lines that begin with \`#\` are comments.

| file | columns | what it stands for |
| --- | --- | --- |
| sample/premium-1m.csv | timestamp, upbit_krw, binance_usdt, usdkrw, premium | SYNTHETIC: the two legs' minute closes, the daily rate known then, upbit_krw / (binance_usdt * usdkrw) - 1 |
| sample/upbit-btc-krw-1m.csv | timestamp, open, high, low, close, volume | SYNTHETIC: Upbit BTC/KRW, tick 1,000 KRW, volume in BTC |
| sample/binance-btcusdt-perp-1m.csv | timestamp, open, high, low, close, volume | SYNTHETIC: Binance BTCUSDT perpetual, tick 0.1 USDT, volume in BTC |
| sample/usdkrw-1d.csv | timestamp, usdkrw | SYNTHETIC: daily rate; weekends carry Friday's |
| sample/upbit-usdt-krw-1h.csv | timestamp, open, high, low, close, volume | SYNTHETIC: Upbit USDT/KRW, tick 0.5 KRW, volume in USDT |
| sample/binance-funding-8h.csv | timestamp, funding_rate | SYNTHETIC: fraction per 8 h; above zero the short receives |

## What happens in it

- ${at(0)} to ${at(SAMPLE_MINUTES)}, in two regimes: ${REGIMES.map((regime) => `${regime.name} from ${day(regime.fromDay)}`).join(', ')}. When hot, the premium
  stands higher and everything moves more.
- The crash hour begins at ${at(CRASH.minute)}: the world price falls by ${CRASH.fall * 100} % in ${CRASH.minutes} minutes, half of it in the first quarter of
  an hour, and the premium loses ${CRASH.premiumBp / 100} % in the first ${CRASH.minutes / 3} minutes.
- Upbit is out from ${at(OUTAGE.minute)} for ${OUTAGE.minutes} minutes: its candles and the table's rows are absent, Binance goes on. Two more
  minutes (${QUIET_MINUTES.map(at).join(' and ')}) have no trade on Upbit.
- Funding settles every 8 h. USD/KRW steps once a business day at 15:00 UTC while the real rate moves on, so that each step
  moves the premium the other way: a jump that is no opportunity. The real rate ends where it began, so that the drift of one
  made-up exchange rate does not drown what a run earns.

## How it is made

A common world price with lasting volatility (hours, days, the hour of the day, rare bursts); Upbit follows it over four
minutes; the premium is a part that reverts within hours, a slow level of days with the two regimes, the difference between the
real USD/KRW and the published one, and the bounce of trades. The perpetual stands a slowly moving basis below spot. The mean and spread of the premium,
the mean FX step and the mean funding rate are set by construction (marked *set*); every other figure comes out of the model.

## Target against achieved

Targets are the statistics of real data that the model was calibrated on: the minutes of 2025-09 (for the premium's own mean, spread, 5 %, 95 %
and half-life at one day the perpetual's 5-minute series of the same days), funding of 2019 to 2026, hours of 2025-05 to 2025-09 for USDT/KRW, and 5-minute
premiums of 2025-05 to 2025-08 for changes over hours. Kurtosis is in excess of 3. *Set*: by construction; *in no file*: of the model's own world.
A test holds each figure within its tolerance.

| figure | unit | target | achieved | tolerance |
| --- | --- | --- | --- | --- |
${calibration.map(tableRow).join('\n')}

What it does not imitate: the half-life at a lag of one hour (38 h in 2025-09, ${hourLagHalfLifeHours.toFixed(0)} h here: the part that reverts within hours is larger, as
it was in other months); order books, which the liquidity model draws; a second crash; bank holidays.
`;
}

function tableRow({ figure, unit, target, achieved, tolerance, decimals }: CalibrationRow): string {
  return `| ${figure} | ${unit} | ${target.toFixed(decimals)} | ${achieved.toFixed(decimals)} | ${tolerance} |`;
}
