/** FunctionProto → its parameters and nodes, as the file has them. */
import { OnnxModelError } from "../errors.ts";
import type { Attribute, Model, Node } from "./model.ts";
import { plainDomain, readAttribute, readNode, readOpset, typedReading } from "./read-model.ts";
import { eachField, openMessage, readText } from "./wire.ts";

export interface FunctionBody {
  readonly domain: string;
  readonly op: string;
  readonly overload: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly nodes: readonly Node[];
  /** Attributes that a call may leave out. */
  readonly defaults: ReadonlyMap<string, Attribute>;
  readonly opsets: Model["opsets"];
}

export function readFunction({ bytes, files }: Model["functions"][number]): FunctionBody {
  const message = { ...openMessage(bytes), path: "function" };
  const inputs: string[] = [];
  const outputs: string[] = [];
  const nodes: Node[] = [];
  const defaults = new Map<string, Attribute>();
  const opsets = new Map<string, number>();
  const text = { op: "", domain: "", overload: "" };
  typedReading(message, () =>
    eachField(message, (field) => {
      if (field === 1) text.op = readText(message);
      else if (field === 4) inputs.push(readText(message));
      else if (field === 5) outputs.push(readText(message));
      else if (field === 7) nodes.push(readNode(message, nodes.length, files));
      else if (field === 9) readOpset(message, opsets);
      else if (field === 10) text.domain = readText(message);
      else if (field === 11) readAttribute(message, defaults, files);
      else if (field === 13) text.overload = readText(message);
    }),
  );
  if (text.op === "") throw new OnnxModelError("malformed", "a function has no name");
  return { ...text, domain: plainDomain(text.domain), inputs, outputs, nodes, defaults, opsets };
}
