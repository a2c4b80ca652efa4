import { timeoutIsRefusal } from './bugs/b01-timeout-is-refusal.js';
import { blindRetry } from './bugs/b02-blind-retry.js';
import { resendInDoubt } from './bugs/b03-resend-in-doubt.js';
import { openOrdersOnly } from './bugs/b04-open-orders-only.js';
import { oneDenialIsAbsence } from './bugs/b05-one-denial-is-absence.js';
import { shortGrace } from './bugs/b07-short-grace.js';
import { noLateWatch } from './bugs/b08-no-late-watch.js';
import { cancelHidesFills } from './bugs/b11-cancel-hides-fills.js';
import { streamAndPoll } from './bugs/b13-stream-and-poll.js';
import { hedgeTheRequest } from './bugs/b15-hedge-the-request.js';
import { rollBackTheRequest } from './bugs/b16-roll-back-the-request.js';
import { neverGivesUp } from './bugs/b18-never-gives-up.js';
import { journalAfterSend } from './bugs/b19-journal-after-send.js';
import { noRecovery } from './bugs/b20-no-recovery.js';
import { banIgnored } from './bugs/b22-ban-ignored.js';
import { burntIdentifier } from './bugs/b24-burnt-identifier.js';
import { libraryRetry } from './bugs/b25-library-retry.js';
import { exchangeErrorIsRefusal } from './bugs/b26-exchange-error-is-refusal.js';
import { networkErrorsOnly } from './bugs/b27-network-errors-only.js';
import { orderWithoutId } from './bugs/b28-order-without-id.js';
import { unknownStatusLoop } from './bugs/b29-unknown-status-loop.js';
import { wrongLookUp } from './bugs/b31-wrong-look-up.js';
import { closeOpens } from './bugs/b32-close-opens.js';
import { noUnwind } from './bugs/b33-no-unwind.js';
import { positionModeIgnored } from './bugs/b34-position-mode-ignored.js';
import { noMonitor } from './bugs/b35-no-monitor.js';
import { replacementCountedTwice } from './bugs/b37-replacement-counted-twice.js';
import { clockLoop } from './bugs/b39-clock-loop.js';
import { wallClockDeadline } from './bugs/b39-wall-clock-deadline.js';
import { twoInstances } from './bugs/b40-two-instances.js';
import { floatAmounts } from './bugs/b44-float-amounts.js';
import { genericLookUp } from './bugs/b47-generic-look-up.js';
import { createLetterExecutor } from './letter.js';
import { createNaiveExecutor } from './naive.js';
import { nullSpecimen } from './null.js';
import { panicSpecimen } from './panic.js';
import { pollThenCancel } from './ports/poll-then-cancel.js';
import { replaceLeg } from './ports/replace-leg.js';
import { retryCreate } from './ports/retry-create.js';
import type { Specimen } from './specimen.js';

/** Every executor that is kept because it must fail, in the order of the document. */
export const SPECIMENS: readonly Specimen[] = [
  {
    card: {
      id: 'letter',
      source: "the owner's order-execution specification of 2025-12-11, sections 2 to 7",
      wrong: 'takes a filled Upbit market buy, which ends canceled, for a failure and undoes the other leg',
      scenario: 'duel-lost-reply',
      alone: { scenario: 'families/s5-doubled', promise: 'final.netDelta' },
    },
    factory: createLetterExecutor,
  },
  {
    card: {
      id: 'naive',
      source: 'the same specification with the repairs of its first day, and most published bots',
      wrong: 'sends an order again when its answer is lost, and rolls back by who raised an error, not by what was filled',
      scenario: 'duel-lost-reply',
      alone: { scenario: 'museum/binance-2025-04-15', promise: 'budget.maxUnhedged' },
    },
    factory: createNaiveExecutor,
  },
  nullSpecimen,
  panicSpecimen,
  retryCreate,
  replaceLeg,
  pollThenCancel,
  timeoutIsRefusal,
  blindRetry,
  resendInDoubt,
  openOrdersOnly,
  oneDenialIsAbsence,
  shortGrace,
  noLateWatch,
  cancelHidesFills,
  streamAndPoll,
  hedgeTheRequest,
  rollBackTheRequest,
  neverGivesUp,
  journalAfterSend,
  noRecovery,
  banIgnored,
  burntIdentifier,
  libraryRetry,
  exchangeErrorIsRefusal,
  networkErrorsOnly,
  orderWithoutId,
  unknownStatusLoop,
  wrongLookUp,
  closeOpens,
  noUnwind,
  positionModeIgnored,
  noMonitor,
  replacementCountedTwice,
  clockLoop,
  wallClockDeadline,
  twoInstances,
  floatAmounts,
  genericLookUp,
];
