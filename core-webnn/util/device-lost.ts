/**
 * What devices throw when they are gone, in any thread: messages between threads keep an error's name.
 * It is the error that the standard has for a lost context.
 */
export function deviceLost(message: string): DOMException {
  return new DOMException(`the device is lost: ${message}`, "InvalidStateError");
}

export function isDeviceLost(error: unknown): boolean {
  return error instanceof DOMException && error.name === "InvalidStateError";
}
