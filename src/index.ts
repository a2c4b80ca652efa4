/**
 * What a plug-in (an executor or a strategy of your own) imports from this package. Nothing here awaits at its top
 * level, so that a CommonJS module may require it.
 */
export type { Clock } from './clock/clock.js';
export { formatFixed, parseFixed } from './core/money.js';
export type { Btc, Krw, Usdt } from './core/money.js';
export type { DurationMs, EpochMs } from './core/units.js';
export type { ClientOrder, ExchangeClient } from './exchange/exchange-client.js';
export type { EnterRequest, Executor, ExecutorFactory, ExecutorPorts, ExitRequest, FlowResult, OpenPosition } from './executor/ports.js';
export type { FlowOutcome, HaltLevel, JournalEvent } from './journal/journal-event.js';
export type { Signal, Strategy, StrategyBar, StrategyFactory, StrategyState } from './strategy/strategy.js';
