/** What Karma loads into the browser. No top-level await here: Mocha would count before the tests are known. */
import { testDevices } from "./device-tests.ts";
import { testInterfaces } from "./idl-tests.ts";
import { testPolicy } from "./policy-tests.ts";
import { testWhisper } from "./whisper-tests.ts";
import { testWorkers } from "./worker-tests.ts";

testDevices();
testInterfaces();
testWorkers();
testPolicy();
testWhisper();
