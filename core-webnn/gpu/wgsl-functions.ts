/** Text of a WGSL function by its name. A function may call those of any table of wgsl-library.ts. */
export type WgslFunctions = Readonly<Record<string, string>>;
