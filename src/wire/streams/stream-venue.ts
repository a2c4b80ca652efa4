import type { StreamAction, StreamChannel } from '../../faults/fault-action.js';
import type { StreamTroubles } from '../../sim/stream-troubles.js';
import { StreamLink, type LinkParts } from './stream-link.js';
import type { StreamAnswer, StreamSession } from './stream-session.js';

const PRIVATE: ReadonlySet<StreamChannel> = new Set(['orders', 'trades', 'balance']);
const PUBLIC: ReadonlySet<StreamChannel> = new Set(['trades', 'book']);

/** A session whose connection faults may end. */
export interface FaultySession extends StreamSession {
  readonly isPrivate: boolean;
}

/** The connections of one venue's streams: what a fault of the stream does to them, and which may come. */
export class StreamConnections {
  readonly #parts: LinkParts;
  readonly #troubles: StreamTroubles;
  readonly #met: (fault: string, what: string) => void;
  readonly #open = new Map<StreamLink, FaultySession>();
  #connections = 0;

  constructor(parts: LinkParts, met: (fault: string, what: string) => void) {
    this.#parts = parts;
    this.#troubles = parts.troubles;
    this.#met = met;
  }

  get count(): number {
    return this.#open.size;
  }

  /** @param make - the session of a connection. */
  answer(make: (link: StreamLink) => FaultySession): StreamAnswer {
    const fault = this.#troubles.fault('disconnect');
    if (fault !== undefined) {
      this.#met(fault, `a connection to ${this.#parts.venue}`);
      return { kind: 'dead' };
    }
    return {
      kind: 'open',
      open: (wire) => {
        this.#connections += 1;
        const link = new StreamLink(this.#parts, String(this.#connections), wire);
        const session = make(link);
        this.#open.set(link, session);
        return {
          receive: (text) => session.receive(text),
          heard: (frame) => session.heard(frame),
          gone: () => {
            this.#open.delete(link);
            session.gone();
          },
        };
      },
    };
  }

  strike(fault: string, action: StreamAction): void {
    this.#troubles.strike(fault, action);
    if (action.action === 'disconnect') this.cut(fault, ({ isPrivate }) => carries(isPrivate, action.channels));
  }

  /** Cuts the connections that `which` says, without a word. */
  cut(fault: string, which: (session: FaultySession) => boolean): void {
    for (const [link, session] of [...this.#open]) {
      if (!which(session)) continue;
      this.#met(fault, `a connection of ${this.#parts.venue}`);
      link.cut();
    }
  }
}

const carries = (isPrivate: boolean, channels: readonly StreamChannel[] | undefined): boolean =>
  channels === undefined || channels.some((channel) => (isPrivate ? PRIVATE : PUBLIC).has(channel));
