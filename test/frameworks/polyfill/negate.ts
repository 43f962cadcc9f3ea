/** Uses `navigator.ml` as any code does, in a page or in a worker; and says whose it was. */
import { installWebNN } from "../../../core-webnn/index.ts";

export interface Task {
  readonly force: boolean;
}

export interface Found {
  /** Interfaces that the browser made, of those that are defined. */
  readonly native: readonly string[];
  readonly defined: readonly string[];
  /** What `installWebNN` said afterwards. */
  readonly isOurs: boolean;
  readonly values: readonly number[];
  readonly scope: string;
}

const names = ["ML", "MLContext", "MLGraph", "MLGraphBuilder", "MLOperand", "MLTensor"];

export async function negate({ force }: Task): Promise<Found> {
  if (force) void installWebNN({ force });
  // At once: the browser's own may still be on trial.
  const context = await navigator.ml.createContext();
  const builder = new MLGraphBuilder(context);
  const desc = { dataType: "float32", shape: [3] } as const;
  const graph = await builder.build({ y: builder.neg(builder.input("x", desc)) });
  const x = await context.createTensor({ ...desc, writable: true });
  const y = await context.createTensor({ ...desc, readable: true });
  context.writeTensor(x, Float32Array.of(1, -2, 3));
  context.dispatch(graph, { x }, { y });
  const values = [...new Float32Array(await context.readTensor(y))];
  const scope = globalThis as unknown as Record<string, unknown>;
  const defined = names.filter((name) => typeof scope[name] === "function");
  const native = defined.filter((name) => String(scope[name]).includes("[native code]"));
  const isOurs = await installWebNN();
  return { native, defined, isOurs, values, scope: scope.constructor.name };
}
