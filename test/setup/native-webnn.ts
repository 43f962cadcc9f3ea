/**
 * A Chromium with a WebNN of its own that works: Debian's has the interfaces behind a flag and nothing to run them.
 *
 * It comes in test/peers as compressed files, made for servers; its wrapper asks for a newer Node than the files do.
 */
import { execFile } from "node:child_process";
import { createReadStream, createWriteStream } from "node:fs";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { createBrotliDecompress } from "node:zlib";

const packed = fileURLToPath(
  new URL("../peers/node_modules/@sparticuz/chromium/bin/", import.meta.url),
);

export interface NativeChromium {
  readonly executable: string;
  remove(): Promise<void>;
}

/** Some 210 MB in a temporary folder. It loads its WebNN only with the libraries of its Vulkan beside it. */
export async function unpackNativeChromium(): Promise<NativeChromium> {
  const folder = await mkdtemp(path.join(tmpdir(), "webnn-native-"));
  const executable = path.join(folder, "chromium");
  const libraries = path.join(folder, "libraries.tar");
  await decompress("chromium.br", executable);
  await chmod(executable, 0o755);
  await decompress("swiftshader.tar.br", libraries);
  await promisify(execFile)("tar", ["xf", libraries, "-C", folder]);
  return { executable, remove: () => rm(folder, { recursive: true }) };
}

function decompress(name: string, file: string): Promise<void> {
  return pipeline(
    createReadStream(packed + name),
    createBrotliDecompress(),
    createWriteStream(file),
  );
}
