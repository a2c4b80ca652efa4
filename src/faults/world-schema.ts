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

const venue = z.strictObject({
  kind: z.enum(['spot', 'linear-perp']).optional(),
  symbol: z.string().optional(),
  balances: z.record(z.string(), decimalText).optional(),
  book: z.strictObject({ mid: decimalText, spreadBp: z.number().min(0), depth: decimalText }).optional(),
  latency: latency.optional(),
  timeout: durationText.optional(),
  visibilityLag: distribution.optional(),
  matchingDelay: distribution.optional(),
  idReuse: z.enum(['never', 'after-close']).optional(),
  ack: z.enum(['full']).optional(),
  recvWindow: durationText.optional(),
  clockSkew: signedDurationText.optional(),
  errorBody: z.enum(['json', 'text']).optional(),
  overloadSparesReduceOnly: z.boolean().optional(),
  positionMode: z.enum(['oneway', 'hedge']).optional(),
  marginMode: z.enum(['isolated', 'cross']).optional(),
  leverage: z.int().positive().optional(),
  rules: z
    .strictObject({
      minNotional: decimalText.optional(),
      amountStep: decimalText.optional(),
      priceStep: decimalText.optional(),
      takerFeePpm: decimalText.optional(),
    })
    .optional(),
});

/** Both venues and the FX rate; a library gives parts of it and the merged scenario all of it. */
export const world = z.strictObject({
  venues: z.strictObject({ upbit: venue.optional(), binance: venue.optional() }).optional(),
  usdKrw: decimalText.optional(),
  stress: stressFileSchema.optional(),
});

export type VenueFile = z.infer<typeof venue>;
export type LatencyFile = z.infer<typeof latency>;
