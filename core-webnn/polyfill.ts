/**
 * Installs on import, because frameworks look for `navigator.ml` when they are loaded: import it first. A
 * browser's own that works is left as it is.
 */
import { installWebNN } from "./index.ts";

void installWebNN();
