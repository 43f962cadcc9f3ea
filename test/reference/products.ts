/** Products of quantised operands, term by term in BigInt: what an exact integer contraction must equal. */

export interface Encoded {
  readonly q: readonly number[];
  readonly shape: readonly [rows: number, columns: number];
  /** One, or one per row or column as `along` says. */
  readonly zero: readonly number[];
  readonly along?: "rows" | "columns";
}

/** Σ (a - za)(b - zb), before the scales. */
export function integerProduct(a: Encoded, b: Encoded): number[] {
  const [m, k] = a.shape;
  const n = b.shape[1];
  return Array.from({ length: m * n }, (_, at) => {
    const [row, column] = [Math.floor(at / n), at % n];
    let sum = 0n;
    for (let p = 0; p < k; p++) sum += BigInt(centred(a, row, p)) * BigInt(centred(b, p, column));
    return Number(sum);
  });
}

function centred({ q, shape, zero, along }: Encoded, row: number, column: number): number {
  const parameter = along === "rows" ? row : along === "columns" ? column : 0;
  return q[row * shape[1] + column]! - zero[parameter]!;
}

/** Real product of two row-major matrices in float64. */
export function product(
  a: readonly number[],
  b: readonly number[],
  [m, k, n]: readonly [number, number, number],
): number[] {
  return Array.from({ length: m * n }, (_, at) => {
    const [row, column] = [Math.floor(at / n), at % n];
    let sum = 0;
    for (let p = 0; p < k; p++) sum += a[row * k + p]! * b[p * n + column]!;
    return sum;
  });
}
