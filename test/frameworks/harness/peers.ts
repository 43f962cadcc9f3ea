/** Where the peers' unmodified files lie. */
import { fileURLToPath } from "node:url";

/** The folder of a package of test/peers, whether installed or not. */
export function peerFolder(name: string): string {
  return fileURLToPath(new URL(`../../peers/node_modules/${name}/`, import.meta.url));
}
