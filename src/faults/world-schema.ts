import { z } from 'zod';

import { stressFileSchema } from './stress/stress-file.js';
import { decimalText, distribution, durationText, signedDurationText } from './schema-scalars.js';

/** One distribution is the round trip, half of it each way; else each direction by itself, and methods that differ. */
const latency = z.union([
  distribution,
  z.strictObject({
    request: distribution.optional(),
    response: distribution.optional(),
    methods: z
      .record(z.string(), z.union([distribution, z.strictObject({ request: distribution.optional(), response: distribution.optional() })]))
      .optional(),
  }),
]);

/** One lag for all reads, or each sort of read by itself. */
const visibilityLag = z.union([
  distribution,
  z.strictObject({
    order: distribution.optional(),
    openOrders: distribution.optional(),
    trades: distribution.optional(),
    balance: distribution.optional(),
    positions: distribution.optional(),
  }),
]);

/** Rules of a venue that a drill may set. */
export const venueRules = z.strictObject({
  minNotional: decimalText.optional(),
  amountStep: decimalText.optional(),
  priceStep: decimalText.optional(),
  takerFeePpm: decimalText.optional(),
  makerFeePpm: decimalText.optional(),
});

const venue = z.strictObject({
  kind: z.enum(['spot', 'linear-perp']).optional(),
  symbol: z.string().optional(),
  balances: z.record(z.string(), decimalText).optional(),
  book: z.strictObject({ mid: decimalText, spreadBp: z.number().min(0), depth: decimalText }).optional(),
  latency: latency.optional(),
  timeout: durationText.optional(),
  visibilityLag: visibilityLag.optional(),
  matchingDelay: distribution.optional(),
  idReuse: z.enum(['never', 'after-close']).optional(),
  ack: z.enum(['full', 'id-only']).optional(),
  recvWindow: durationText.optional(),
  clockSkew: signedDurationText.optional(),
  errorBody: z.enum(['json', 'text']).optional(),
  overloadSparesReduceOnly: z.boolean().optional(),
  positionMode: z.enum(['oneway', 'hedge']).optional(),
  marginMode: z.enum(['isolated', 'cross']).optional(),
  leverage: z.int().positive().optional(),
  rules: venueRules.optional(),
});

/** Both venues and the FX rate; a library gives parts of it and the merged scenario all of it. */
export const world = z.strictObject({
  venues: z.strictObject({ upbit: venue.optional(), binance: venue.optional() }).optional(),
  usdKrw: decimalText.optional(),
  stress: stressFileSchema.optional(),
  /** Whether the executor is given streams; off unless said. */
  streams: z.boolean().optional(),
});

export type VenueFile = z.infer<typeof venue>;
export type LatencyFile = z.infer<typeof latency>;
