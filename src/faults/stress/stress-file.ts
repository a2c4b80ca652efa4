import { z } from 'zod';
import { parseDurationMs } from '../scenario-time.js';
import { durationText, oneOrMany } from '../schema-scalars.js';
import { STRESS_PRESETS, stressSpec } from './stress-spec.js';
import type { StressSpec } from './stress-spec.js';

const preset = z.enum(STRESS_PRESETS);

/** `stress: rough`, or a preset with changes; the same words in a scenario's world and in hedge.yaml. */
export const stressFileSchema = z
  .union([
    preset,
    z.strictObject({
      preset: preset.describe('how bad a time is rehearsed'),
      seed: z
        .union([z.string().min(1), z.int()])
        .transform(String)
        .optional()
        .describe('of the stress alone, so that one bad day meets every seed of the run'),
      strength: z.number().min(0).max(4).optional().describe('multiplies all strain; 0 is no stress'),
      shockAt: oneOrMany(durationText).optional().describe('a common shock so long after the start, besides those that come by themselves'),
      shocksPerDay: z.number().min(0).max(100).optional(),
      halfLife: durationText.optional().describe('in which the strain of a shock halves'),
    }),
  ])
  .describe('what makes both venues worse together: none, calm, rough, crash');

export type StressFile = z.infer<typeof stressFileSchema>;

/** The stress that a file asks for, with its preset's figures filled in. */
export function compileStress(file: StressFile): StressSpec {
  if (typeof file === 'string') return stressSpec(file);
  const { shockAt } = file;
  return stressSpec(file.preset, {
    seed: file.seed,
    strength: file.strength,
    shockAtMs: shockAt === undefined ? undefined : [shockAt].flat().map(parseDurationMs),
    shocksPerDay: file.shocksPerDay,
    halfLifeMs: file.halfLife === undefined ? undefined : parseDurationMs(file.halfLife),
  });
}
