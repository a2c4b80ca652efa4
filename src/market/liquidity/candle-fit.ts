/** A bar's own candle in the path's quote. */
export interface Candle {
  readonly open: number;
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

/**
 * Bends a path of prices, in place, so that it opens at the candle's open, ends at its close, touches its high and
 * its low inside the bar and never leaves them. High and low fall where the path had its own highest and lowest
 * point, so two legs drawn together keep their extremes together. In between the correction runs straight, and what
 * sticks out is folded back.
 */
export function fitToCandle(path: Float64Array, candle: Candle): void {
  const last = path.length - 1;
  const { top, bottom } = innerExtremes(path);
  const anchors = [
    { at: 0, price: candle.open },
    { at: Math.min(top, bottom), price: top < bottom ? candle.high : candle.low },
    { at: Math.max(top, bottom), price: top < bottom ? candle.low : candle.high },
    { at: last, price: candle.close },
  ];
  const misses = anchors.map(({ at, price }) => price - (path[at] ?? price));
  for (let leg = 1; leg < anchors.length; leg += 1) {
    const from = anchors[leg - 1]?.at ?? 0;
    const to = anchors[leg]?.at ?? last;
    const miss = misses[leg - 1] ?? 0;
    const slope = ((misses[leg] ?? 0) - miss) / (to - from);
    for (let step = from + 1; step < to; step += 1) {
      path[step] = fold((path[step] ?? 0) + miss + slope * (step - from), candle.low, candle.high);
    }
  }
  for (const { at, price } of anchors) path[at] = price;
}

/** Where the path is highest and lowest between its ends; two different points. */
function innerExtremes(path: Float64Array): { readonly top: number; readonly bottom: number } {
  let top = 1;
  let bottom = 1;
  for (let step = 2; step < path.length - 1; step += 1) {
    if ((path[step] ?? 0) > (path[top] ?? 0)) top = step;
    if ((path[step] ?? 0) < (path[bottom] ?? 0)) bottom = step;
  }
  // A path flat inside: a third of the way in each.
  return top === bottom ? { top: Math.ceil(path.length / 3), bottom: Math.floor((path.length * 2) / 3) } : { top, bottom };
}

/** Reflects a price at the bounds, and stops it at the other one when the excess is wider than the range. */
function fold(price: number, low: number, high: number): number {
  const reflected = price > high ? 2 * high - price : price < low ? 2 * low - price : price;
  return Math.min(Math.max(reflected, low), high);
}
