/** RoiAlign with as many samples as each region's size asks for, and of types that WebNN lacks. */
import type { HostNode } from "../convert/host-node.ts";
import { makeArray, type HostArray } from "../host/array.ts";

/** Along one dimension of one region. */
interface Span {
  readonly start: number;
  readonly cell: number;
  readonly samples: number;
  readonly size: number;
}

/** A pixel and its weight. */
type Weighted = readonly [pixel: number, weight: number];

export function alignOnHost(
  node: HostNode,
  inputs: readonly (HostArray | undefined)[],
): readonly HostArray[] {
  const [x, rois, indices] = [0, 1, 2].map(
    (i) => inputs[i] ?? node.fail(`input ${i} is missing`),
  ) as [HostArray, HostArray, HostArray];
  const [images, channels, height, width] = x.shape as [number, number, number, number];
  const regions = rois.shape[0]!;
  if (
    x.shape.length !== 4 ||
    rois.shape.length !== 2 ||
    rois.shape[1] !== 4 ||
    indices.shape[0] !== regions
  ) {
    node.fail(`images [${x.shape.join(", ")}], rois [${rois.shape.join(", ")}]`);
  }
  const cells = [node.int("output_height", 1), node.int("output_width", 1)] as const;
  const isMax = node.text("mode", "avg") === "max";
  const result = makeArray(x.type, [regions, channels, ...cells]);
  let at = 0;
  for (let r = 0; r < regions; r++) {
    const image = Number(indices.data[r]);
    if (!(image >= 0 && image < images)) node.fail(`image ${image} of ${images} in batch_indices`);
    const rows = cellsAlong(spanOf(node, rois, r, 0, cells[0], height), cells[0]);
    const columns = cellsAlong(spanOf(node, rois, r, 1, cells[1], width), cells[1]);
    for (let c = 0; c < channels; c++) {
      const plane = x.data.subarray((image * channels + c) * height * width) as Float64Array;
      for (const row of rows) {
        for (const column of columns)
          result.data[at++] = cellValue(plane, width, row, column, isMax);
      }
    }
  }
  return [result];
}

function spanOf(
  node: HostNode,
  { data }: HostArray,
  region: number,
  dimension: number,
  cells: number,
  size: number,
): Span {
  const mode = node.text("coordinate_transformation_mode", "half_pixel");
  const isHalfPixel = node.opset >= 16 && mode === "half_pixel";
  const scale = node.float("spatial_scale", 1);
  const corner = (i: number) => Number(data[4 * region + i]) * scale - (isHalfPixel ? 0.5 : 0);
  const start = corner(1 - dimension);
  const extent = corner(3 - dimension) - start;
  const length = isHalfPixel ? extent : Math.max(extent, 1);
  const asked = node.int("sampling_ratio", 0);
  const samples = asked > 0 ? asked : Math.ceil(length / cells);
  // A region of this size is a mistake: its samples would not end.
  if (!(samples <= 2 ** 16)) node.fail(`a region of ${length} pixels`);
  return { start, cell: length / cells, samples, size };
}

/** For each cell its samples, each as the two pixels around it; none for a sample outside the image. */
function cellsAlong(
  { start, cell, samples, size }: Span,
  cells: number,
): readonly (readonly (readonly Weighted[])[])[] {
  return Array.from({ length: cells }, (_, i) =>
    Array.from({ length: Math.max(0, samples) }, (_, s) => {
      const at = start + i * cell + ((s + 0.5) * cell) / samples;
      if (at < -1 || at > size) return [];
      const inside = Math.min(Math.max(at, 0), size - 1);
      const low = Math.floor(inside);
      return [
        [low, 1 - (inside - low)],
        [Math.min(low + 1, size - 1), inside - low],
      ];
    }),
  );
}

function cellValue(
  plane: Float64Array,
  width: number,
  rows: readonly (readonly Weighted[])[],
  columns: readonly (readonly Weighted[])[],
  isMax: boolean,
): number {
  let sum = 0;
  let greatest = -Infinity;
  for (const row of rows) {
    for (const column of columns) {
      let value = 0;
      let corner = row.length * column.length === 0 ? 0 : -Infinity;
      for (const [y, a] of row) {
        for (const [x, b] of column) {
          const weighted = plane[y * width + x]! * a * b;
          value += weighted;
          corner = Math.max(corner, weighted);
        }
      }
      sum += value;
      greatest = Math.max(greatest, corner);
    }
  }
  const count = rows.length * columns.length;
  if (isMax) return count === 0 ? 0 : greatest;
  return sum / Math.max(count, 1);
}
