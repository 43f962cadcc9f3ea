/**
 * Lets Node run our TypeScript as it is, in worker threads too: `node --import ./demos/cli/register-typescript.mjs file.ts`.
 *
 * `--import tsx` alone serves the first thread only: in Node 20 a worker whose entry is a .ts file then fails with
 * "Unknown file extension". This file is imported again by each worker, which inherits the option.
 */
import { register } from "tsx/esm/api";

register();
