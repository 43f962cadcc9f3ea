/** WebAssembly's value types, their encodings, and the letters of the opcode table's signatures. */

export type WasmType = "i32" | "i64" | "f32" | "f64" | "v128";

export interface FunctionType {
  readonly params: readonly WasmType[];
  readonly results: readonly WasmType[];
}

export const typeCodes: Record<WasmType, number> = {
  i32: 0x7f,
  i64: 0x7e,
  f32: 0x7d,
  f64: 0x7c,
  v128: 0x7b,
};

export const typeLetters: Record<WasmType, string> = {
  i32: "i",
  i64: "I",
  f32: "f",
  f64: "F",
  v128: "v",
};

/** As the opcode table writes it: `ii>v`. */
export function signatureOf({ params, results }: FunctionType): string {
  const letters = (types: readonly WasmType[]): string => types.map((t) => typeLetters[t]).join("");
  return `${letters(params)}>${letters(results)}`;
}
