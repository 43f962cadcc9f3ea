/** As much of Node's `node:test` as the tests use, for pages: each file becomes a suite of Mocha's. */

type Body = () => Promise<void> | void;
interface Options {
  /** A reason, or false. */
  readonly skip?: string | false;
}

interface Suite {
  readonly name: string;
  readonly before: Body[];
  readonly after: Body[];
  readonly tests: { readonly name: string; readonly options: Options; readonly body: Body }[];
}

const suites: Suite[] = [];
const everywhere = { before: [] as Body[], after: [] as Body[] };

// Karma would start when this script has been started, and files may await something before their tests are known.
// oxlint-disable-next-line no-underscore-dangle -- Karma's name.
const karma = window.__karma__;
const start = karma.loaded.bind(karma);
karma.loaded = () => {};

/** What is registered from here on belongs to the file. */
export function beginFile(name: string): void {
  suites.push({ name, before: [], after: [], tests: [] });
}

/** What a file imports as "node:test". Hooks of a helper that files share are those of the whole run. */
export function testsOf(importer: string) {
  const hooks = () => (importer.endsWith(".test.ts") ? suites.at(-1)! : everywhere);
  return {
    before: (body: Body) => void hooks().before.push(body),
    after: (body: Body) => void hooks().after.push(body),
    test(name: string, ...rest: [Body] | [Options, Body]) {
      const body = rest.at(-1) as Body;
      const options = rest.length === 2 ? rest[0] : {};
      suites.at(-1)!.tests.push({ name, options, body });
    },
  };
}

/** Hands all to Mocha, when every file has been run, and starts. */
export function runSuites(): void {
  everywhere.before.forEach((body) => before(body));
  everywhere.after.forEach((body) => after(body));
  for (const suite of suites) {
    describe(suite.name, () => {
      suite.before.forEach((body) => before(body));
      suite.after.forEach((body) => after(body));
      for (const { name, options, body } of suite.tests) {
        // A body with a parameter would be taken for one that calls back.
        it(name, function () {
          if (options.skip) this.skip();
          return body();
        });
      }
    });
  }
  start();
}
