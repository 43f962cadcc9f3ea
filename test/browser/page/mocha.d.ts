/** As much of Mocha's interface as the pages use; Karma loads it. */
declare function describe(name: string, body: () => void): void;
declare function it(name: string, body: (this: MochaTest) => Promise<void> | void): void;

declare function before(body: () => Promise<void> | void): void;
declare function after(body: () => Promise<void> | void): void;

interface MochaTest {
  timeout(milliseconds: number): void;
  skip(): never;
}

/** What the Node side tells the page; see `PageOptions` in ../run-karma.ts. */
interface Window {
  readonly __karma__: {
    readonly config: { readonly args: readonly unknown[] };
    /** The page calls it when its scripts have been started. */
    loaded(): void;
  };
}
