/** Our pages in Firefox. */
import { missing } from "../models/whisper/requirements.ts";
import { engines } from "./engines.ts";
import { testPages } from "./test-pages.ts";

testPages(engines.firefox, missing("firefox"));
