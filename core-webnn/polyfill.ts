/** Installs on import, because frameworks look for `navigator.ml` when they are loaded: import it first. */
import { installWebNN } from "./index.ts";

installWebNN();
