import type { Alert } from './journal-event.js';

/**
 * Every mark there is, with what it means. The executor journals the first group as `{type: 'mark'}`
 * events when it passes through such a state; the second group is worked out from tape and journal by the
 * oracle and is never journaled. Scenario files name them under `sometimes` and `never`, and a name that
 * is not listed here fails to load.
 */
export const MARKS = {
  'resolve.unknown-outcome': 'A create, cancel or read left an order in doubt and the resolver began to look it up.',
  'resolve.found-after-not-found': 'A look-up found an order that an earlier look-up had reported as not found.',
  'resolve.presumed-zero': 'After the lifetime bound and two not-found answers a leg was counted as zero and its id put under watch.',
  'resolve.cancel-sent': 'An order that outlived its deadline was asked to be cancelled.',
  'rollback.start': 'A repair chose to unwind and was about to send its first reducing order.',
  'rollback.spot.sold': 'Spot that had been bought for this flow was sold again.',
  'rollback.perp.bought-back': 'Short that had been opened for this flow was bought back.',
  'rollback.order-failed': 'A reducing order was refused or brought nothing; the repair goes on with what is left.',
  'hedge.partial-kept': 'A part of the entry that both legs had executed stayed on as a smaller hedge.',
  'hedge.completed': 'A repair completed the short leg instead of unwinding the long one.',
  'lock.refused-entry': 'An entry was refused because an earlier flow left entries locked.',
  'halt.refused-entry': 'An entry was refused because the kill switch was on.',
  'halt.entry-cut-short': 'The kill switch came on during an entry, which then sent nothing that adds exposure.',
  'cancel.race-detected': 'After a cancel the order turned out to have executed more than was known before it.',
  'recover.found-open-flow': 'On start the journal held a flow without an end, and it was taken up.',
  'recover.nothing-open': 'On start the journal held no open flow and both venues agreed with it.',
  'ban.waited-out': 'A venue had named the end of a ban and the executor sent it nothing before then.',
  'late-fill.repaired': 'An order counted as zero executed after all, and the residual was repaired.',
  'monitor.short-shrank': 'While holding, the venue showed a smaller short than ours without an order of ours.',
  'monitor.spot-shrank': 'While holding, the venue showed less spot than ours without an order of ours.',
  'monitor.margin-floor': 'While holding, the margin ratio fell under the floor and both legs were reduced.',
  'monitor.stop': 'While holding, the premium crossed the stop and the position was closed.',
  'monitor.max-hold': 'A position reached its longest holding time and was closed.',
  'lease.second-instance-refused':
    'A second instance was started, found the lease taken and refused to work (seen from outside, since it may not write).',

  'order.duplicate-intent': 'Oracle: one intent executed more than it asked for, or was sent again while in doubt.',
  'rollback.qty-exceeds-delta': 'Oracle: a reducing order was larger than the residual delta at the time it was sent.',
  'fill.counted-twice': 'Oracle: the executor booked more than the venue executed for an order.',
  'order.sent-after-kill': 'Oracle: an order that adds exposure left after the kill switch came on.',
  'order.sent-while-locked-except-reducing': 'Oracle: an order that adds exposure left while entries were locked.',
  'request.sent-during-known-ban': 'Oracle: a request left for a venue before the end of a ban that it had told us.',
} as const;

export type Mark = keyof typeof MARKS;

/** Marks that only the oracle sets; all the others come from the executor's journal. */
export const ORACLE_MARKS: ReadonlySet<Mark> = new Set<Mark>([
  'order.duplicate-intent',
  'rollback.qty-exceeds-delta',
  'fill.counted-twice',
  'order.sent-after-kill',
  'order.sent-while-locked-except-reducing',
  'request.sent-during-known-ban',
]);

const ALERT_MEANINGS: Readonly<Record<Alert, string>> = {
  UNHEDGED_EXPOSURE: 'A repair began, or exposure outlived its budget.',
  EXPOSURE_CLOSED: 'A repair ended with the residual proven.',
  VENUE_UNREACHABLE: 'A venue answered nothing for longer than the give-up budget.',
  RATE_LIMIT_BAN: 'A venue banned us for a while.',
  UNKNOWN_OUTCOME: 'An order is in doubt.',
  HALTED: 'The kill switch came on.',
  RESUMED: 'The kill switch was released.',
  SHORT_SHRANK: 'The short became smaller without an order of ours.',
  MARGIN_FLOOR: 'The margin ratio fell under its floor.',
  POSITION_MISMATCH: 'A venue holds something else than the journal says.',
  PREFLIGHT_REFUSED: 'A check before an entry failed.',
  ALARM_CHANNEL_DOWN: 'A notification could not be delivered.',
  LATE_FILL: 'An order counted as zero executed after all.',
  DUST_CAP: 'Residues together passed their cap.',
  JOURNAL_DOWN: 'The journal could not be written; told at once, journaled when it can be again.',
};

/** Every alert's name, for checking what a scenario expects. */
export const ALERTS: readonly string[] = Object.keys(ALERT_MEANINGS);
