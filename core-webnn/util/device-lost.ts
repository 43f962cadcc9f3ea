/**
 * What devices throw when they are gone, in any thread: messages between threads keep an error's name.
 * It is the error that the standard has for a lost context.
 */
export function deviceLost(message: string): DOMException {
  return new DOMException(`${says}: ${message}`, "InvalidStateError");
}

export function isDeviceLost(error: unknown): boolean {
  if (!(error instanceof DOMException)) return false;
  return error.name === "InvalidStateError" && error.message.startsWith(says);
}

const says = "the device is lost";
