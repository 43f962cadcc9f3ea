/** Decodes and scales a picture, by the browser. */

/** RGBA of the picture drawn over `width` × `height`. */
export async function pixelsOf(
  file: Uint8Array,
  width: number,
  height: number,
): Promise<Uint8ClampedArray> {
  const bitmap = await createImageBitmap(new Blob([file as Uint8Array<ArrayBuffer>]));
  const drawing = new OffscreenCanvas(width, height).getContext("2d")!;
  drawing.drawImage(bitmap, 0, 0, width, height);
  return drawing.getImageData(0, 0, width, height).data;
}

export async function sizeOf(file: Uint8Array): Promise<{ width: number; height: number }> {
  const { width, height } = await createImageBitmap(new Blob([file as Uint8Array<ArrayBuffer>]));
  return { width, height };
}
