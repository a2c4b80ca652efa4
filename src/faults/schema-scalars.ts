import { z } from 'zod';

import { DURATION, INSTANT, SIGNED_DURATION } from './scenario-time.js';

const either = (...patterns: readonly RegExp[]): RegExp => new RegExp(patterns.map((pattern) => `(?:${pattern.source})`).join('|'));

export const durationText = z.string().regex(DURATION, 'a duration such as 250ms, 3s, 5m, 1h30m').meta({ id: 'Duration' });
export const spanText = z
  .string()
  .regex(either(DURATION, /^forever$/), 'a duration such as 250ms, 3s, 5m, 1h30m, or forever')
  .meta({ id: 'Span' });
export const signedDurationText = z.string().regex(SIGNED_DURATION, 'a duration with a sign such as +90d or -3h');
export const instantText = z
  .string()
  .regex(INSTANT, 'an instant with its zone such as 2025-01-03T06:26:00+09:00, 2025-01-02T21:26:00Z or 2025-01-03 06:26 KST');

/** Money and quantities are decimal strings, never floats. */
export const decimalText = z
  .string()
  .regex(/^-?\d+(\.\d{1,8})?$/, 'a decimal in quotes with at most 8 places such as "0.05"')
  .meta({ id: 'Decimal' });
export const idText = z.string().regex(/^[a-z0-9][a-z0-9-]{1,63}$/, 'an id of 2 to 64 small letters, digits and dashes');
export const oneOrMany = <T extends z.ZodType>(item: T) => z.union([item, z.array(item).min(1)]);

const exactlyOne = 'exactly one of';

/** An object with one key of several, which tells its kind. */
export function oneKeyed<Shape extends Record<string, z.ZodType>>(shape: Shape, what: string) {
  const names = Object.keys(shape);
  const optional = Object.fromEntries(names.map((name) => [name, z.optional(shape[name] ?? z.never())])) as {
    [Name in keyof Shape]: z.ZodOptional<Shape[Name]>;
  };
  return z
    .strictObject(optional)
    .refine((value) => Object.keys(value).length === 1, { error: `${what} has ${exactlyOne} ${names.join(', ')}` })
    .meta({ minProperties: 1, maxProperties: 1 });
}

const simpleShapes = {
  uniform: z.tuple([durationText, durationText]),
  lognormal: z.strictObject({ p50: durationText, p99: durationText, cap: durationText.optional() }),
  pareto: z.strictObject({ min: durationText, alpha: z.number().positive(), cap: durationText }),
  empirical: z.union([
    z.strictObject({ file: z.string().min(1), mode: z.enum(['bootstrap', 'sequential']).default('bootstrap') }),
    z.strictObject({ samples: z.array(z.number().nonnegative()).min(1), mode: z.enum(['bootstrap', 'sequential']).default('bootstrap') }),
  ]),
};

const simpleDistribution = z.union([durationText, oneKeyed(simpleShapes, 'a distribution')]);

/** A random length of time: a fixed duration or one named shape. */
export const distribution = z
  .union([
    durationText,
    oneKeyed({ ...simpleShapes, mixture: z.array(z.strictObject({ w: z.number().positive(), d: simpleDistribution })).min(2) }, 'a distribution'),
  ])
  .meta({ id: 'Distribution' });

export type DistributionText = z.infer<typeof distribution>;
export const DISTRIBUTION_KEYS: ReadonlySet<string> = new Set(['uniform', 'lognormal', 'pareto', 'empirical', 'mixture']);

const ANCHOR_EVENTS = [
  'flow.start',
  'intent.written',
  'order.sent',
  'order.accepted',
  'order.filled',
  'order.partiallyFilled',
  'leg.done',
  'rollback.start',
  'process.restart',
  'fault.fired',
] as const;

const anchor = z.strictObject({
  event: z.enum(ANCHOR_EVENTS),
  leg: z.enum(['spot', 'perp']).optional(),
  fault: idText.optional(),
  flow: z.int().nonnegative().optional(),
  plus: durationText.optional(),
});

/** After the run's start, at an instant, or when something happens. */
export const timeReference = z
  .union([
    z
      .string()
      .regex(
        either(DURATION, INSTANT),
        'a duration after the start (10s), an instant with its zone (2025-01-03 06:26 KST) or an anchor ({ event: ... })',
      ),
    anchor,
  ])
  .meta({ id: 'TimeReference' });

export type TimeReference = z.infer<typeof timeReference>;
