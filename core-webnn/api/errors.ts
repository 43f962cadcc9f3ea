/** The errors that the spec names. What a device or a compiler threw is kept as `cause`. */

type ErrorName =
  "InvalidStateError" | "NotSupportedError" | "OperationError" | "SecurityError" | "UnknownError";

/** Kept from when this was loaded: a window whose frame was removed has lost its globals. */
const Constructor = DOMException;

export function domException(name: ErrorName, message: string, cause?: unknown): DOMException {
  const error = new Constructor(message, name);
  if (cause !== undefined) Object.defineProperty(error, "cause", { value: cause });
  return error;
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Names op and label in a TypeError, and repeats the label in brackets, the form in which developers search for it. */
export function namingOp<T>(op: string, label: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    const message =
      label === ""
        ? `${op}: ${error.message}`
        : `${op} '${readable(label)}': ${error.message} [${readable(label)}]`;
    throw new TypeError(message, { cause: error });
  }
}

/** Escapes control and direction characters, with which a label could spoof other text. */
function readable(label: string): string {
  return label.replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)!.toString(16)}}`,
  );
}
