/** What a call is for, as the simulator derives it from the truth (never passed by an executor). */
export type Purpose = 'precheck' | 'open' | 'hedge' | 'close' | 'rollback' | 'repair' | 'recover' | 'poll';
