/** One thing to do at one instant. */
export interface Timer {
  readonly at: number;
  readonly seq: number;
  /** Among equal instants lower ranks fire first; equal ranks in the order they were added. */
  readonly rank: number;
  act: () => void;
  cancelled: boolean;
}

/** A binary heap of timers: earliest first, equal instants in the order they were added. Cancelling is lazy and cheap. */
export class TimerHeap {
  readonly #heap: Timer[] = [];
  #seq = 0;
  #cancelled = 0;

  /** Timers added so far. */
  get added(): number {
    return this.#seq;
  }

  add(at: number, act: () => void, rank = 0): Timer {
    const timer: Timer = { at, seq: this.#seq, rank, act, cancelled: false };
    this.#seq += 1;
    this.#heap.push(timer);
    this.#rise(this.#heap.length - 1);
    return timer;
  }

  cancel(timer: Timer): void {
    if (timer.cancelled) return;
    timer.cancelled = true;
    timer.act = nothing;
    this.#cancelled += 1;
    // Each request arms a long time-out and cancels it: without a sweep they would pile up.
    if (this.#cancelled > 64 && this.#cancelled * 2 > this.#heap.length) this.#sweep();
  }

  /** The earliest timer that was not cancelled, taken out. */
  pop(): Timer | undefined {
    for (;;) {
      const first = this.#heap[0];
      if (first === undefined) return undefined;
      this.#dropFirst();
      if (!first.cancelled) {
        // A later cancel of a timer that has fired must not count as one in the heap.
        first.cancelled = true;
        return first;
      }
      this.#cancelled -= 1;
    }
  }

  /** When the earliest timer that was not cancelled is due. */
  get nextAt(): number | undefined {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (!first.cancelled) return first.at;
      this.#dropFirst();
      this.#cancelled -= 1;
    }
    return undefined;
  }

  #dropFirst(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #sweep(): void {
    const live = this.#heap.filter((timer) => !timer.cancelled).sort(earlier);
    this.#heap.length = 0;
    for (const timer of live) this.#heap.push(timer);
    this.#cancelled = 0;
  }

  #rise(from: number): void {
    const heap = this.#heap;
    const timer = heap[from];
    if (timer === undefined) return;
    let index = from;
    while (index > 0) {
      const parentIndex = (index - 1) >> 1;
      const parent = heap[parentIndex];
      if (parent === undefined || earlier(parent, timer) < 0) break;
      heap[index] = parent;
      index = parentIndex;
    }
    heap[index] = timer;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const timer = heap[from];
    if (timer === undefined) return;
    let index = from;
    for (;;) {
      let childIndex = index * 2 + 1;
      let child = heap[childIndex];
      if (child === undefined) break;
      const right = heap[childIndex + 1];
      if (right !== undefined && earlier(right, child) < 0) {
        child = right;
        childIndex += 1;
      }
      if (earlier(timer, child) < 0) break;
      heap[index] = child;
      index = childIndex;
    }
    heap[index] = timer;
  }
}

function nothing(): void {}

function earlier(a: Timer, b: Timer): number {
  return a.at - b.at || a.rank - b.rank || a.seq - b.seq;
}
