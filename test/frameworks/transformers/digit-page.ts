/** On transformers.js's own onnxruntime-web, which finds our `navigator.ml`. */
import { answerWith } from "../harness/answer.ts";
import { readDigit } from "./read-digit.ts";

answerWith(readDigit);
