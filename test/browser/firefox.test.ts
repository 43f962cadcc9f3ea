/** Our pages in Firefox. */
import { missing } from "../models/whisper/requirements.ts";
import { engines } from "./engines.ts";
import { testPages } from "./test-pages.ts";
import { testUnits } from "./test-units.ts";

testPages(engines.firefox, missing("firefox"));
testUnits(engines.firefox, missing("firefox"));
