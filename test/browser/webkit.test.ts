/** Our pages in WebKitGTK, the engine of Safari, by `npm run test:webkit` alone, which brings it. */
import { missing } from "../models/whisper/requirements.ts";
import { engines } from "./engines.ts";
import { testPages } from "./test-pages.ts";
import { testUnits } from "./test-units.ts";

testPages(engines.webkit, missing("webkit"));
testUnits(engines.webkit, missing("webkit"));
