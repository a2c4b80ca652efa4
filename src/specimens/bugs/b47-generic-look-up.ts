import { SYMBOLS } from '../../exchange/client-params.js';
import { defect } from '../specimen.js';

export const genericLookUp = defect(
  {
    id: 'bug-b47',
    source: 'ccxt fetchOrderWithClientOrderId on Upbit',
    wrong: 'looks orders up through the generic call, which Upbit always answers with "not found"',
    scenario: 'lost-reply-after-fill-spot',
  },
  { lookUp: (client, venue, clientOrderId) => client.fetchOrder('', SYMBOLS[venue], { clientOrderId }) },
);
