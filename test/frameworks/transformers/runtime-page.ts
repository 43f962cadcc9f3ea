/** On our runtime, which stands where transformers.js looks for one when it is loaded. */
import * as ort from "../../../adapters/onnxruntime/index.ts";
import { answerWith } from "../harness/answer.ts";
import { readDigit, type Task } from "./read-digit.ts";

Object.assign(globalThis, { [Symbol.for("onnxruntime")]: ort });

answerWith((task: Task) =>
  readDigit(task, (session) => ort.sessionReport(session as ort.InferenceSession)),
);
