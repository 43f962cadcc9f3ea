/**
 * Writes nested WGSL blocks so that each computation stands as far out as what it depends on allows.
 *
 * A value knows the depth of the innermost block it depends on. When a deeper value is computed from it,
 * it first gets a name in its own block: that takes loop invariants out of loops, and equal text in reach
 * gets one name. Names are of `let`s only, so equal text means equal value; a `var` that a loop updates
 * has the depth of that loop's body while inside it.
 */

export interface Value {
  readonly text: string;
  /** Of the innermost block it depends on; the function's own block is 0. */
  readonly depth: number;
  /** `call`: needs no parentheses but is worth a name. */
  readonly form: "literal" | "name" | "call" | "compound";
}

export interface Block {
  readonly depth: number;
  readonly parent: Block | undefined;
  /** Entered under a condition: what may not be evaluated elsewhere (a load) stays inside. */
  readonly isConditional: boolean;
  readonly lines: string[];
  readonly names: Map<string, string>;
  readonly counter: { next: number };
}

/** Text longer than this gets a name of its own, so that lines stay readable and nesting bounded. */
const longestText = 72;

export function functionBlock(): Block {
  const names = new Map<string, string>();
  return {
    depth: 0,
    parent: undefined,
    isConditional: false,
    lines: [],
    names,
    counter: { next: 0 },
  };
}

export function innerBlock(parent: Block, isConditional: boolean): Block {
  return {
    depth: parent.depth + 1,
    parent,
    isConditional,
    lines: [],
    names: new Map(),
    counter: parent.counter,
  };
}

export function write(block: Block, line: string): void {
  block.lines.push("  ".repeat(block.depth + 1) + line);
}

/** Writes `header { … }` with what `body` writes into it; hoisted lines come before the header. */
export function writeBlock(
  parent: Block,
  header: string,
  body: (block: Block) => void,
  isConditional = false,
): void {
  const block = innerBlock(parent, isConditional);
  body(block);
  write(parent, `${header} {`);
  parent.lines.push(...block.lines);
  write(parent, "}");
}

export function freshName(block: Block, prefix: string): string {
  return `${prefix}${block.counter.next++}`;
}

export function literal(text: string): Value {
  return { text, depth: 0, form: "literal" };
}

export function nameAt(block: Block, text: string): Value {
  return { text, depth: block.depth, form: "name" };
}

/** The value under a name, given in the block it depends on. */
export function named(block: Block, value: Value): Value {
  if (value.form === "name") return value;
  const known = nameInReach(block, value.text);
  if (known !== undefined) return { text: known.name, depth: known.depth, form: "name" };
  const home = ancestor(block, value.depth);
  const name = freshName(block, "t");
  write(home, `let ${name} = ${value.text};`);
  home.names.set(value.text, name);
  return { text: name, depth: home.depth, form: "name" };
}

/**
 * An operation of named operands: in `template`, `$a` stands for the operand a. An operation of nothing
 * but literals would be evaluated by the WGSL compiler, which refuses overflow: one gets a name.
 */
export function compose(
  block: Block,
  template: string,
  operands: Readonly<Record<string, Value>>,
): Value {
  const entries = Object.entries(operands);
  const depth = Math.max(0, ...entries.map(([, { depth }]) => depth));
  const isConstant = entries.length > 0 && entries.every(([, { form }]) => form === "literal");
  const lifted = new Map<string, Value>();
  for (const [key, operand] of entries) {
    const isFirst = isConstant && lifted.size === 0;
    lifted.set(key, isFirst || isHoisted(operand, depth) ? named(block, operand) : operand);
  }
  // An operand that fills its brackets needs no parentheses.
  const text = template.replace(/(?<=([([]|, )?)\$(\w+)(?=([)\]]|, )?)/g, (...match: string[]) => {
    const [, before, key, after] = match;
    const operand = lifted.get(key!)!;
    const isBracketed = before !== undefined && after !== undefined;
    return operand.form === "compound" && !isBracketed ? `(${operand.text})` : operand.text;
  });
  const isCall = /^[\w<>]+[([](\$\w+(, )?)*[)\]]$/.test(template);
  const value: Value = { text, depth, form: isCall ? "call" : "compound" };
  return text.length > longestText ? named(block, value) : value;
}

/** Depth at which a load may stand: not outside the condition that makes its address valid. */
export function conditionDepth(block: Block): number {
  let at: Block | undefined = block;
  while (at !== undefined && !at.isConditional) at = at.parent;
  return at?.depth ?? 0;
}

function isHoisted(operand: Value, depth: number): boolean {
  return operand.depth < depth && (operand.form === "compound" || operand.form === "call");
}

function nameInReach(block: Block, text: string): { name: string; depth: number } | undefined {
  for (let at: Block | undefined = block; at !== undefined; at = at.parent) {
    const name = at.names.get(text);
    if (name !== undefined) return { name, depth: at.depth };
  }
  return undefined;
}

function ancestor(block: Block, depth: number): Block {
  let at = block;
  while (at.depth > depth && at.parent !== undefined) at = at.parent;
  return at;
}
