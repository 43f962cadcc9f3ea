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
