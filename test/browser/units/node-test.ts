/** As much of Node's `node:test` as the tests use, for pages: each file becomes a suite of Mocha's. */

type Body = () => Promise<void> | void;
interface Options {
  /** A reason, or false. */
  readonly skip?: string | false;
}

interface File {
  readonly before: Body[];
  readonly after: Body[];
  readonly tests: { readonly name: string; readonly options: Options; readonly body: Body }[];
}

const files = new Map<string, File>();

/** What the file that is named imports as "node:test". */
export function testsOf(name: string) {
  const file: File = { before: [], after: [], tests: [] };
  files.set(name, file);
  return {
    before: (body: Body) => void file.before.push(body),
    after: (body: Body) => void file.after.push(body),
    test(name: string, ...rest: [Body] | [Options, Body]) {
      const body = rest.at(-1) as Body;
      const options = rest.length === 2 ? rest[0] : {};
      file.tests.push({ name, options, body });
    },
  };
}

/** Hands all to Mocha, when every file has been run. */
export function defineSuites(): void {
  for (const [name, file] of files) {
    describe(name, () => {
      for (const body of file.before) before(body);
      for (const body of file.after) after(body);
      for (const { name, options, body } of file.tests) {
        // A body with a parameter would be taken for one that calls back.
        it(name, function () {
          if (options.skip) this.skip();
          return body();
        });
      }
    });
  }
}
