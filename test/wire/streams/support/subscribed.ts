import { expect, vi } from 'vitest';

/** How long news may take on a busy machine before it counts as lost, in milliseconds. */
export const NEWS = { timeout: 8_000, interval: 10 };

interface Sockets {
  readonly clients?: Record<string, { readonly isConnected: boolean }>;
}

/** Resolves when a client's `watch` calls have opened that many sockets and the server had time to read what they ask for. */
export async function subscribed(client: object, sockets: number): Promise<void> {
  await vi.waitFor(() => {
    const open = Object.values((client as Sockets).clients ?? {}).filter((each) => each.isConnected);
    expect(open.length).toBeGreaterThanOrEqual(sockets);
  }, NEWS);
  await new Promise((resolve) => setTimeout(resolve, 200));
}
