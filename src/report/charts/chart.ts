import type { Spec } from './palette.js';

/** One chart of the report: a Vega-Lite specification with what a reader needs beside it. */
export interface Chart {
  readonly id: string;
  readonly title: string;
  /** What is drawn, in a sentence; also the picture's text alternative. */
  readonly caption: string;
  readonly spec: Spec;
  /** Added as layers when the page is alive: what follows the pointer. */
  readonly hover?: readonly Spec[] | undefined;
}
