/** What goes wrong in this pipeline, for callers who want to tell one mistake from another. */
export type WhisperErrorCode =
  /** The audio is empty, not finite, or described wrongly. */
  | "bad-audio"
  /** The bytes are no wav file that can be read. */
  | "bad-wav"
  /** A file of the model could not be fetched or is not what its name says. */
  | "load-failed"
  /** The sessions or the configuration are not those of a Whisper that this pipeline can run. */
  | "wrong-model"
  /** A language, task or limit that this model does not have. */
  | "bad-option"
  /** The model answered with something that is no transcript, such as NaN. */
  | "bad-output"
  /** The pipeline was used after `dispose()`. */
  | "disposed";

export class WhisperError extends Error {
  override readonly name = "WhisperError";
  readonly code: WhisperErrorCode;

  constructor(code: WhisperErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
