/** A worker of the application: our API as its `navigator.ml`, its contexts running inline. */
import {
  extensions,
  installWebNN,
  type MLContext,
  type MLContextOptions,
} from "../../../core-webnn/index.ts";
import { perceptronError } from "../../reference/perceptron.ts";

export type ApiReport =
  | {
      readonly error: number;
      readonly accelerated: boolean;
      readonly dispatch: string;
      readonly threads: number;
      readonly lost: string;
      /** Interfaces that are no globals of the worker. */
      readonly absent: readonly string[];
    }
  | { readonly failure: string };

async function run(options: MLContextOptions): Promise<ApiReport> {
  await installWebNN({ force: true });
  const { ml } = navigator as unknown as {
    ml: { createContext(options: MLContextOptions): Promise<MLContext> };
  };
  const context = await ml.createContext(options);
  const error = await perceptronError(context);
  const offered = extensions(context);
  if (!offered.dynamicDimensions) return { failure: "a context of another implementation" };
  const { threads } = await offered.statistics();
  context.destroy();
  const { message } = await context.lost;
  const interfaces = ["ML", "MLContext", "MLGraph", "MLGraphBuilder", "MLOperand", "MLTensor"];
  return {
    error,
    accelerated: context.accelerated,
    dispatch: offered.threads.dispatch,
    threads,
    lost: message,
    absent: interfaces.filter((name) => !(name in globalThis)),
  };
}

addEventListener("message", ({ data }: MessageEvent<MLContextOptions>) => {
  run(data).then(postMessage, (error: unknown) => postMessage({ failure: String(error) }));
});
