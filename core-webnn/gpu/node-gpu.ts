/**
 * WebGPU in Node: Dawn, from the npm package `webgpu`, which an application adds itself.
 *
 * Which driver Dawn finds is the system's affair (`VK_DRIVER_FILES` names one for Vulkan);
 * test/setup/gpu.sh installs a software one.
 */

/** Rejects with an Error that says what to install when the package is not there or does not load. */
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
    return (await import(name)) as Dawn;
  } catch (cause) {
    throw new Error(`WebGPU in Node needs the package '${name}': npm install ${name}`, { cause });
  }
}
