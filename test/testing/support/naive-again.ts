/** A specimen as the module that a user would name on the command line. */
export { createNaiveExecutor as default } from '../../../src/specimens/naive.js';
