/** Shipped scenarios that this executor does not keep, what breaks there, and why that stands. Nothing is left naked in any of them. */
export const NOT_KEPT: Readonly<Record<string, { readonly broken: readonly string[]; readonly because: string }>> = {
  'bugs/first-leg-partial': { broken: ['budget.maxUnhedged'], because: 'the scenario asks for spot first; this executor sends both legs at once' },
  'bugs/odd-partial': { broken: ['budget.maxUnhedged', 'budget.orders'], because: 'the same: spot first was asked for' },
  'late-fill-over-restart': {
    broken: ['outcome', 'final.spot', 'final.perp'],
    because: 'the same: with the short on, the late spot completes a hedge',
  },
  'bugs/hedge-mode': { broken: ['outcome', 'budget.orders'], because: 'it does not look at the position mode: the short is refused, the spot sold' },
  'museum/hummingbot-4316': { broken: ['outcome', 'budget.orders'], because: 'the same: position mode' },
  'monitor-max-hold': { broken: ['final.spot', 'final.perp'], because: 'how long to hold is left to whoever drives it' },
  'monitor-stop': { broken: ['final.spot', 'final.perp'], because: 'when to stop is left to whoever drives it' },
};
