/** On transformers.js's own onnxruntime-web, which finds our `navigator.ml`; its report is the devices of what ran. */
import { answerWith } from "../harness/answer.ts";
import { noteDevices } from "../harness/note-devices.ts";
import { readDigit, type Task } from "./read-digit.ts";

const devices = new Set<string>();
noteDevices(devices);

answerWith((task: Task) => {
  devices.clear();
  return readDigit(task, () => [...devices]);
});
