import { SYMBOLS } from '../../exchange/client-params.js';
import { defect } from '../specimen.js';

export const wrongLookUp = defect(
  {
    id: 'bug-b31',
    source: 'nautilus #4411',
    wrong: 'asks for its client id where the venue expects the order number, and is told that there is no such order',
    scenario: 'lost-reply-after-fill-spot',
  },
  { lookUp: (client, venue, clientOrderId) => client.fetchOrder(clientOrderId, SYMBOLS[venue]) },
);
