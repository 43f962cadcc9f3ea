/**
 * Functions that generated shaders may call, as WGSL text by name.
 *
 * WGSL lets a compiler assume finite numbers, and two drivers of our tests do (`x * 0` becomes 0 for a
 * NaN, `x - x` for an infinity). So whatever a NaN, an infinity or a signed zero can decide is decided
 * on bits here. What these functions promise is measured by test/unit/gpu/wgsl-math.test.ts.
 */
import { floatFunctions } from "./wgsl-float.ts";
import type { WgslFunctions } from "./wgsl-functions.ts";
import { halfFunctions } from "./wgsl-half.ts";
import { int64Functions } from "./wgsl-int64.ts";
import { mathFunctions } from "./wgsl-math.ts";
import { powerFunctions } from "./wgsl-power.ts";

const library: WgslFunctions = {
  ...floatFunctions,
  ...mathFunctions,
  ...powerFunctions,
  ...halfFunctions,
  ...int64Functions,
};

export function isLibraryFunction(name: string): boolean {
  return Object.hasOwn(library, name);
}

/** The library's functions that `code` needs, each once, callees first. */
export function libraryFor(code: string): string {
  const texts = new Map<string, string>();
  const addCallees = (text: string): void => {
    for (const [name] of text.matchAll(/\b[a-z]\w*(?=\()/g)) {
      const callee = isLibraryFunction(name) ? library[name] : undefined;
      if (callee === undefined || callee === text || texts.has(name)) continue;
      addCallees(callee);
      texts.set(name, callee);
    }
  };
  addCallees(code);
  return [...texts.values()].map((text) => `${text.trim()}\n`).join("");
}
