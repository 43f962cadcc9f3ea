/**
 * Keeps commands in the order of their calls.
 *
 * Most commands end before they return, and run at once. While one is still under way (a program being
 * compiled) those after it wait. A command that fails fails alone.
 */
export class InOrder {
  readonly #waiting: (() => void)[] = [];
  #busy = false;

  /** Whether a command given now would have to wait. */
  get isBusy(): boolean {
    return this.#busy;
  }

  get areWaiting(): boolean {
    return this.#waiting.length > 0;
  }

  /** What the command returns or rejects with. */
  run<T>(command: () => T | Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const start = (): void => {
        try {
          const result = command();
          if (result instanceof Promise) this.#hold(result);
          resolve(result);
        } catch (error) {
          reject(error);
        }
      };
      if (this.#busy) this.#waiting.push(start);
      else start();
    });
  }

  #hold(result: Promise<unknown>): void {
    this.#busy = true;
    const next = (): void => {
      this.#busy = false;
      while (!this.#busy) {
        const start = this.#waiting.shift();
        if (start === undefined) return;
        start();
      }
    };
    result.then(next, next);
  }
}
