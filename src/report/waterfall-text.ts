import type { WATERFALL_PARTS } from './waterfall.js';

/** Names and meanings of the waterfall's parts, for people. */
export const PART_TEXTS: Readonly<Record<(typeof WATERFALL_PARTS)[number], { readonly name: string; readonly meaning: string }>> = {
  premium: { name: 'Premium', meaning: 'change of the premium on the hedged quantity, at the mids of the decisions' },
  btcLegs: { name: 'Unhedged BTC', meaning: 'price moves of BTC that no leg covered between flows' },
  delay: { name: 'Delay', meaning: 'the market moved between decision and first fill' },
  legging: { name: 'Legging', meaning: 'the market moved while one leg was on and the other not yet' },
  spread: { name: 'Spread', meaning: 'from mid to the best price' },
  impact: { name: 'Impact', meaning: 'from the best price to the price paid' },
  fees: { name: 'Fees', meaning: 'both venues, of what stayed on; the fees of rollbacks are in Rollbacks' },
  funding: { name: 'Funding', meaning: 'paid to (+) or by (-) the short' },
  fxHedge: { name: 'FX, hedge', meaning: 'USD/KRW moved on the dollar side of the hedge' },
  fxCollateral: { name: 'FX, collateral', meaning: 'USD/KRW moved on the USDT at Binance' },
  rollback: { name: 'Rollbacks', meaning: 'entry and unwinding of what had to be undone, drift while naked included' },
  forced: { name: 'Forced', meaning: 'liquidation, auto-deleveraging' },
};

/** The text of a part by its name in report.json. */
export function partText(part: string): { readonly name: string; readonly meaning: string } {
  return PART_TEXTS[part as keyof typeof PART_TEXTS] ?? { name: part, meaning: '' };
}
