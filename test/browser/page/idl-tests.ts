/** The interfaces as this engine has them, once they are installed: globals, `navigator.ml`, and what each property is. */
import { installWebNN, ml } from "../../../core-webnn/index.ts";
import type { Interface } from "../../unit/api/idl.ts";
import { interfaceFaults } from "../../unit/api/interface-faults.ts";
import { expectEqual, expectTrue } from "./expect.ts";

/** Written here by bundle-pages.ts. */
declare const INTERFACES: readonly Interface[];

export function testInterfaces(): void {
  describe("the interfaces", () => {
    it("are what the standard's IDL says", async () => {
      expectTrue(await installWebNN({ force: true }), "installed");
      expectEqual(INTERFACES.length, 6, "interfaces of the IDL");
      for (const declared of INTERFACES) {
        const scope = globalThis as unknown as Record<string, unknown>;
        expectEqual(await interfaceFaults(scope, declared), [], declared.name);
      }
    });

    it("are found through navigator.ml, an accessor of its prototype", () => {
      const property = Object.getOwnPropertyDescriptor(Navigator.prototype, "ml");
      expectTrue(property?.get !== undefined && property.configurable === true, "an accessor");
      expectEqual(property.get.name, "get ml", "the getter's name");
      expectEqual(property.enumerable, true, "enumerable");
      expectTrue((navigator as unknown as { ml: unknown }).ml === ml, "ours");
      for (const object of [{}, Navigator.prototype, undefined]) {
        expectTrue(
          refuses(() => property.get!.call(object)),
          "refused on another object",
        );
      }
    });
  });
}

function refuses(call: () => unknown): boolean {
  try {
    call();
    return false;
  } catch (error) {
    return error instanceof TypeError;
  }
}
