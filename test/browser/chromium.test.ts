/** Our pages in Chromium. */
import { missing } from "../models/whisper/requirements.ts";
import { engines } from "./engines.ts";
import { testPages } from "./test-pages.ts";
import { testUnits } from "./test-units.ts";

testPages(engines.chromium, missing("browser"));
testUnits(engines.chromium, missing("browser"));
