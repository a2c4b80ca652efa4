/**
 * Drills of an executor of your own, from any test runner: `hedgedrill/testing`. Loading it lets `Date` and timers follow
 * virtual time while a drill runs; outside of one they are the real ones.
 */
export { drill } from './drill.js';
export type { DrillOptions, DrillsOptions } from './drill.js';
export { explore } from './explore.js';
export type { Exploration, ExploreOptions, FoundBug } from './explore.js';
export { replay } from './replay.js';
export type { Replayed, ReplayOptions } from './replay.js';
export { shippedScenarios } from './scenario-choice.js';
export type { InlineScenario, ScenarioChoice, ShippedOptions, ShippedScenario } from './scenario-choice.js';
export { brokenText, explorationText, timelineText } from './failure-text.js';
export { hedgeMatchers } from './hedge-matchers.js';
export type { HedgeMatchers, MatcherAnswer } from './hedge-matchers.js';
export type { ExecutorOptions } from './executor-choice.js';
export type { BrokenPromise, FaultVerdict, InvariantVerdict, Verdict } from './verdict.js';
