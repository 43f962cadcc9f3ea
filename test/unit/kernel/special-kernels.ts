export function specialKernels(): never[] {
  return [];
}
