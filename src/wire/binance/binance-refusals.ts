import { refused, type VenueReply } from '../../sim/venue-reply.js';

/** Of a parameter that a request needs and does not bear. */
export const missing = (name: string): VenueReply =>
  refused(400, '-1102', `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);
