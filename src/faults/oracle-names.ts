/** Every invariant that `expect.waive` may name; a test holds the list against the oracle's own. */
export const ORACLES: readonly string[] = [
  ...Array.from({ length: 16 }, (_, index) => `I${index + 1}`),
  ...Array.from({ length: 6 }, (_, index) => `L${index + 1}`),
];
