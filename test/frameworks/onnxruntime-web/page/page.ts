/** Runs models on unmodified onnxruntime-web, whose WebNN provider finds our `navigator.ml`. */
import { answerWith } from "../../harness/answer.ts";
import type { Task } from "../messages.ts";
import { readDigit } from "./digit.ts";
import { loadOrt } from "./open.ts";
import { runOperator } from "./operators.ts";
import { hear } from "./speech.ts";
import { tellStory } from "./story.ts";
import { readTextLine } from "./text-line.ts";

answerWith(async (task: Task) => {
  const ort = await loadOrt(task.bundle, task.threads);
  switch (task.kind) {
    case "digit":
      return readDigit(ort, task);
    case "text line":
      return readTextLine(ort, task);
    case "speech":
      return hear(ort, task);
    case "story":
      return tellStory(ort, task);
    case "operator":
      return runOperator(ort, task);
  }
  task satisfies never;
});
