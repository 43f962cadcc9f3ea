/**
 * WebGPU in Node: Dawn, from the npm package `webgpu`, which an application adds itself.
 *
 * Which driver Dawn finds is the system's affair (`VK_DRIVER_FILES` names one for Vulkan);
 * test/setup/gpu.sh installs a software one.
 */

/** Rejects with a NotSupportedError that says what to install where the package is missing or does not load. */
export async function nodeGpu(flags: readonly string[] = []): Promise<GPU> {
  const { create } = await importDawn();
  return create([...flags]);
}

interface Dawn {
  create(flags: string[]): GPU;
}

async function importDawn(): Promise<Dawn> {
  // Not a literal: bundlers for browsers would look for the package.
  const name = "webgpu";
  try {
    return (await import(/* webpackIgnore: true */ /* @vite-ignore */ name)) as Dawn;
  } catch (cause) {
    const message = `WebGPU in Node needs the package '${name}' (npm install ${name}): ${String(cause)}`;
    throw new DOMException(message, "NotSupportedError");
  }
}
