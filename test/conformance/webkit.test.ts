/** All operator cases in WebKitGTK, which has no WebGPU, by `npm run test:webkit` alone. */
import { engines } from "../browser/engines.ts";
import { testCases } from "./test-cases.ts";

testCases(engines.webkit, { what: "all cases", device: "cpu", needs: ["webkit"] });
