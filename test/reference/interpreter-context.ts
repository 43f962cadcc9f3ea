/** An MLContext whose device interprets. */
import { compile } from "../../core-webnn/api/compile.ts";
import { createContext, type MLContext } from "../../core-webnn/api/ml-context.ts";
import type { DeviceFacts } from "../../core-webnn/util/device-facts.ts";
import { createInterpreterDevice } from "./interpreter-device.ts";

export function interpreterContext(facts?: DeviceFacts): MLContext {
  const device = createInterpreterDevice(facts);
  return createContext({
    device,
    build: (program, graph) => device.load(program, compile(graph, device.facts)),
    close: () => device.destroy(),
    compiledIn: "this thread",
  });
}
