/**
 * The errors that callers of this execution provider can cause. Each says what, where, which value it
 * found and what was expected; `code` is for programs, the message for people.
 */

export type ModelErrorCode =
  /** Not an ONNX protobuf at all. */
  | "not-onnx"
  /** ONNX Runtime's own `.ort` format. */
  | "ort-format"
  /** A length in the file reaches past its end. */
  | "truncated"
  /** A protobuf or ONNX rule is broken. */
  | "malformed"
  | "too-deep"
  | "cycle"
  | "external-data-missing"
  /** Ops, types or forms that this execution provider does not offer. */
  | "unsupported"
  /** The host would compute nodes, which `throwOnFallback` forbids. */
  | "fallback"
  /** The file, or a file beside it, could not be loaded. */
  | "not-loaded";

/** The model cannot be read or cannot be run. */
export class OnnxModelError extends Error {
  override readonly name = "OnnxModelError";
  readonly code: ModelErrorCode;

  constructor(code: ModelErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/**
 * There is no memory for what a run asks for. The message says how many bytes were asked for and what the limit
 * is. The session and its context go on: a run that asks for less may succeed.
 */
export class OnnxMemoryError extends RangeError {
  override readonly name = "OnnxMemoryError";
}

/** Gives a device's lack of memory its type; any other error as it is. */
export function typedByCause(error: unknown): unknown {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    // What a device says of memory is a RangeError, which a context keeps as the cause of its own.
    if (cause instanceof RangeError && error instanceof Error) {
      return new OnnxMemoryError(error.message, { cause: error });
    }
  }
  return error;
}

export interface ValueProblem {
  /** The name of the input or output. */
  readonly name: string;
  readonly expected: string;
  readonly got: string;
}

/** Feeds or fetches of a run do not fit the model. Lists every problem of the call. */
export class OnnxValueError extends TypeError {
  override readonly name = "OnnxValueError";
  readonly problems: readonly ValueProblem[];

  constructor(what: "feeds" | "fetches", problems: readonly ValueProblem[]) {
    super(
      `${what} do not fit the model: ` +
        problems.map((p) => `'${p.name}': expected ${p.expected}, got ${p.got}`).join("; "),
    );
    this.problems = problems;
  }
}
