/** An MLContext whose device interprets. */
import { createContext, type MLContext } from "../../core-webnn/api/ml-context.ts";
import type { DeviceFacts } from "../../core-webnn/util/device-facts.ts";
import { interpreterBackend } from "./interpreter-device.ts";

export function interpreterContext(facts?: DeviceFacts): MLContext {
  return createContext(interpreterBackend(facts));
}
