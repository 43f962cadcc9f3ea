/** Flags of WebGPU by their specified values: Node has no globals that hold them. https://www.w3.org/TR/webgpu/#namespacedef-gpubufferusage */
export const bufferUsage = {
  mapRead: 0x01,
  copySource: 0x04,
  copyDestination: 0x08,
  uniform: 0x40,
  storage: 0x80,
} as const;

export const mapModeRead = 0x01;

export const shaderStageCompute = 0x04;
