/** A process of its own for `bench/rows/ccxt.ts`: an HTTP server on loopback that answers each method and path with what its parent has learnt. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface CannedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

process.once('disconnect', () => process.exit());
process.once('message', (answers: Readonly<Record<string, CannedAnswer>>) => {
  const server = createServer((request, response) => {
    const answer = answers[`${request.method ?? ''} ${(request.url ?? '').split('?')[0] ?? ''}`];
    request.resume().on('end', () => {
      if (answer === undefined) response.writeHead(404).end();
      else response.writeHead(answer.status, { ...answer.headers }).end(answer.body);
    });
  });
  server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
});
