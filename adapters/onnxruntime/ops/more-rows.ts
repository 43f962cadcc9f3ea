/** The rows of the op table that most models do without. */
import { argExtremeRows } from "./arg-extreme.ts";
import { bitCastRows } from "./bit-cast.ts";
import { bitwiseRows } from "./bitwise.ts";
import { blockQuantizedRows } from "./block-quantized.ts";
import { blockRows } from "./blocks.ts";
import { fusedRows } from "./fused.ts";
import { geluRows } from "./gelu.ts";
import { vectorNormRows } from "./vector-norms.ts";
import { convTransposeRows } from "./conv-transpose.ts";
import { cumulativeRows } from "./cumulative.ts";
import { detectionRows } from "./detection.ts";
import { einsumRows } from "./einsum.ts";
import { experimentalRows } from "./experimental.ts";
import { fourierRows } from "./fourier.ts";
import { gatherPointRows } from "./gather-points.ts";
import { groupAttentionRows } from "./group-attention.ts";
import { multiHeadRows } from "./multi-head-attention.ts";
import { standardAttentionRows } from "./standard-attention.ts";
import { rotaryRows } from "./rotary.ts";
import { lossRows } from "./loss.ts";
import { matrixRows } from "./matrix.ts";
import { oneHotRows } from "./one-hot.ts";
import { padRows } from "./pad.ts";
import { unpoolRows } from "./pool-places.ts";
import { qlinearRows } from "./qlinear.ts";
import { randomRows } from "./random.ts";
import { recurrentRows } from "./recurrent.ts";
import { resizeRows } from "./resize.ts";
import { scatterRows } from "./scatter.ts";
import { selectRows } from "./select.ts";
import { tfIdfRows } from "./tf-idf.ts";
import { trigonometricRows } from "./trigonometric.ts";
import { windowRows } from "./windows.ts";
import { normalizationRows } from "./normalization.ts";
import { poolRows } from "./pool.ts";
import { gridSampleRows } from "./grid-sample.ts";
import { regionRows } from "./regions.ts";
import { activationRows } from "./activations.ts";
import { gemmRows } from "./gemm.ts";
import { softmaxKinRows } from "./softmax-kin.ts";
import { convRows } from "./conv.ts";
import { moduloRows } from "./modulo.ts";
import { dropoutRows } from "./dropout.ts";
import { limitRows } from "./limits.ts";
import { dynamicProductRows } from "./dynamic-products.ts";
import type { OpRow } from "./row.ts";

export const moreRows: readonly OpRow[] = [
  ...dynamicProductRows,
  ...dropoutRows,
  ...limitRows,
  ...convRows,
  ...moduloRows,
  ...gemmRows,
  ...softmaxKinRows,
  ...activationRows,
  ...regionRows,
  ...gridSampleRows,
  ...poolRows,
  ...normalizationRows,
  ...argExtremeRows,
  ...bitCastRows,
  ...bitwiseRows,
  ...blockRows,
  ...blockQuantizedRows,
  ...fusedRows,
  ...geluRows,
  ...vectorNormRows,
  ...convTransposeRows,
  ...cumulativeRows,
  ...detectionRows,
  ...einsumRows,
  ...experimentalRows,
  ...fourierRows,
  ...gatherPointRows,
  ...groupAttentionRows,
  ...rotaryRows,
  ...multiHeadRows,
  ...standardAttentionRows,
  ...lossRows,
  ...matrixRows,
  ...oneHotRows,
  ...padRows,
  ...unpoolRows,
  ...qlinearRows,
  ...randomRows,
  ...recurrentRows,
  ...resizeRows,
  ...scatterRows,
  ...selectRows,
  ...tfIdfRows,
  ...trigonometricRows,
  ...windowRows,
];
