/** `node --import ./test/setup/typescript.mjs`: runs TypeScript sources as they are, in worker threads too. */
import { register } from "tsx/esm/api";

register();
