import { OrderNotFound } from '../../exchange/ccxt-errors.js';
import { SYMBOLS } from '../../exchange/client-params.js';
import type { Decisions } from '../small/decisions.js';
import { defect } from '../specimen.js';

const amongOpenOrders: Decisions['lookUp'] = async (client, venue, clientOrderId) => {
  const open = await client.fetchOpenOrders(SYMBOLS[venue]);
  const order = open.find((each) => each.clientOrderId === clientOrderId);
  if (order === undefined) throw new OrderNotFound(`${clientOrderId} is not among the open orders`);
  return order;
};

export const openOrdersOnly = defect(
  {
    id: 'bug-b04',
    source: 'ccxt #1880, nautilus #3870',
    wrong: 'looks for an order in doubt among the open orders only, where a filled one no longer is',
    scenario: 'lost-reply-after-fill-spot',
  },
  { lookUp: amongOpenOrders },
);
