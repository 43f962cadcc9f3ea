/**
 * ONNX's operator cases as Debian packages them (`apt-get install libonnx-onnxCases`): a model, its inputs and the
 * results that ONNX's reference gives, in a folder each.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import path from "node:path";
import type { Constant } from "../../adapters/onnxruntime/model/model.ts";
import { readTensor } from "../../adapters/onnxruntime/model/read-tensor.ts";
import { openMessage } from "../../adapters/onnxruntime/model/wire.ts";
import { onnxCases } from "../models/whisper/requirements.ts";

export interface OnnxCase {
  /** Kind and folder, as in `node/test_abs`. */
  readonly name: string;
  readonly folder: string;
}

/** Undefined where the cases are not installed. */
export function listCases(): readonly OnnxCase[] | undefined {
  if (!existsSync(onnxCases)) return undefined;
  return readdirSync(onnxCases).flatMap((kind) =>
    readdirSync(path.join(onnxCases, kind))
      .map((one) => ({ name: `${kind}/${one}`, folder: path.join(onnxCases, kind, one) }))
      // Without a model here, but with the address of one.
      .filter(({ folder }) => existsSync(path.join(folder, "model.onnx"))),
  );
}

export function modelOf({ folder }: OnnxCase): Uint8Array {
  return new Uint8Array(readFileSync(path.join(folder, "model.onnx")));
}

export interface DataSet {
  readonly inputs: readonly Constant[];
  readonly expected: readonly Constant[];
}

/** All sets of inputs and results; only for cases whose values are tensors. */
export function dataSetsOf({ folder }: OnnxCase): readonly DataSet[] {
  return readdirSync(folder)
    .filter((name) => name.startsWith("test_data_set_"))
    .map((name) => ({
      inputs: tensorsIn(path.join(folder, name), "input"),
      expected: tensorsIn(path.join(folder, name), "output"),
    }));
}

function tensorsIn(folder: string, what: "input" | "output"): readonly Constant[] {
  const count = readdirSync(folder).filter((name) => name.startsWith(`${what}_`)).length;
  return Array.from({ length: count }, (_, i) => {
    const bytes = readFileSync(path.join(folder, `${what}_${i}.pb`));
    return readTensor(openMessage(bytes), new Map());
  });
}
