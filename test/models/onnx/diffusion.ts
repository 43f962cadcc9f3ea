/**
 * A network that removes noise from pictures of 64 × 64: faces that nobody has. Denoising diffusion probabilistic
 * models, Ho et al. 2020 (https://arxiv.org/abs/2006.11239), with 300 steps on a cosine schedule.
 */
import { readFile } from "node:fs/promises";
import type { InferenceSession, TensorConstructor } from "onnxruntime-common";
import type { Picture } from "./pictures.ts";
import { floatsOf, shared, type RealModel } from "./real-model.ts";

const side = 64;
const steps = 300;

/** Of the file with known values, which its makers' own runtime gave. */
const tolerance = 2e-3;

export const diffusion: RealModel = {
  name: "DDPM UNet, 8-bit weights",
  files: [shared("diffusion-ddpm64/ddpm64_q8.onnx")],
  bound: 5e-4,
  because: "seventy convolutions and eleven attentions in float32, sums of up to 9,216 products",
  known: "the known noise",
  graphs: 1,
  isLarge: true,
  async run({ sessions: [session], Tensor }) {
    const file = await readFile(shared("diffusion-ddpm64/ddpm64_eps0.json"), "utf8");
    const { seed, t, eps: known } = JSON.parse(file) as Known;
    const eps = await predictNoise(session!, Tensor, gaussian(seed)(side * side * 3), t);
    const error = Math.max(...known.map((value, i) => Math.abs(eps[i]! - value)));
    return {
      says: error <= tolerance ? "the known noise" : `noise that is ${error} off`,
      results: { eps },
    };
  },
};

interface Known {
  readonly seed: number;
  /** The step. */
  readonly t: number;
  readonly eps: readonly number[];
}

async function predictNoise(
  session: Pick<InferenceSession, "run">,
  Tensor: TensorConstructor,
  picture: Float32Array,
  step: number,
): Promise<Float32Array> {
  const { eps } = await session.run({
    image_input: new Tensor("float32", picture, [1, side, side, 3]),
    time_input: new Tensor("int32", Int32Array.of(step), [1]),
  });
  return floatsOf(eps as never);
}

/** Normally distributed numbers: pairs of Box and Muller from mulberry32's. */
function gaussian(seed: number): (count: number) => Float32Array {
  let state = seed;
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  return (count) => {
    const values = new Float32Array(count);
    for (let i = 0; i < count; i += 2) {
      const radius = Math.sqrt(-2 * Math.log(uniform()));
      const angle = 2 * Math.PI * uniform();
      values[i] = radius * Math.cos(angle);
      if (i + 1 < count) values[i + 1] = radius * Math.sin(angle);
    }
    return values;
  };
}

/** What of a picture's variance is left at the end of each step: a cosine, its steps clipped. */
function schedule(): { readonly betas: readonly number[]; readonly left: readonly number[] } {
  const offset = 0.008;
  const curve = (t: number) => Math.cos(((t / steps + offset) / (1 + offset)) * (Math.PI / 2)) ** 2;
  const betas = Array.from({ length: steps }, (_, t) =>
    Math.min(Math.max(1 - curve(t + 1) / curve(t), 1e-4), 0.9999),
  );
  let product = 1;
  return { betas, left: betas.map((beta) => (product *= 1 - beta)) };
}

/** A picture from noise alone: the paper's algorithm 2, with the estimate of the picture kept from -1 to 1. */
export async function denoise(
  session: Pick<InferenceSession, "run">,
  Tensor: TensorConstructor,
  seed: number,
): Promise<Picture> {
  const { betas, left } = schedule();
  const draw = gaussian(seed);
  let x = draw(side * side * 3);
  for (let t = steps - 1; t >= 0; t--) {
    const eps = await predictNoise(session, Tensor, x, t);
    const [beta, now, before] = [betas[t]!, left[t]!, t === 0 ? 1 : left[t - 1]!];
    const fresh = draw(x.length);
    const deviation = Math.sqrt((beta * (1 - before)) / (1 - now));
    x = x.map((value, i) => {
      const guess = (value - Math.sqrt(1 - now) * eps[i]!) / Math.sqrt(now);
      const clipped = Math.min(Math.max(guess, -1), 1);
      const mean =
        (Math.sqrt(before) * beta * clipped + Math.sqrt(1 - beta) * (1 - before) * value) /
        (1 - now);
      return mean + deviation * fresh[i]!;
    });
  }
  const pixels = Uint8Array.from(x, (value) =>
    Math.round(127.5 * (Math.min(Math.max(value, -1), 1) + 1)),
  );
  return { width: side, height: side, pixels };
}
