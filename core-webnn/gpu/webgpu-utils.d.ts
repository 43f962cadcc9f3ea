/**
 * webgpu-utils ships its version 1 beside version 2. We use that: version 2 refers to Float16Array when
 * it is loaded, which Node 20 and older browsers lack.
 */
declare module "webgpu-utils/dist/1.x/webgpu-utils.module.js" {
  export { makeStructuredView, type StructuredView } from "webgpu-utils/dist/1.x/buffer-views.js";
  export type { StructDefinition } from "webgpu-utils/dist/1.x/data-definitions.js";
}
