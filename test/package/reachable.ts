/**
 * The part of a module that some of its exports need, for bundlers that keep what runs when a module is loaded: a class
 * with a static instance of itself, an enum. Judged by names: one that a statement declares inside itself is its own there,
 * so a module is fit for this that does not use one name for both within a statement.
 */
import type { ProgramNode } from "rollup";

/** A statement of the module: what it declares, and every name in it. */
interface Statement {
  readonly text: string;
  readonly declares: ReadonlySet<string>;
  readonly mentions: ReadonlySet<string>;
}

interface AnyNode {
  readonly type: string;
  readonly start: number;
  readonly end: number;
  readonly name?: unknown;
}

/** `calls`: functions whose calls at the top of the module set up what the exports use. No other statement stays. */
export function reachable(
  code: string,
  program: ProgramNode,
  exports: readonly string[],
  calls: readonly string[],
): string {
  const body = program.body as unknown as readonly AnyNode[];
  // What is exported is so by a list at the end.
  const isExport = ({ type }: AnyNode) => type.startsWith("Export");
  const statements = body.filter((node) => !isExport(node)).map((node) => describe(code, node));
  const needed = new Set([...exports, ...calls]);
  const kept = new Set<Statement>();
  for (let before = -1; before !== kept.size;) {
    before = kept.size;
    for (const statement of statements) {
      const { text, declares, mentions } = statement;
      const isNeeded =
        [...declares].some((name) => needed.has(name)) ||
        (declares.size === 0 && calls.some((name) => text.startsWith(`${name}(`)));
      if (!isNeeded || kept.has(statement)) continue;
      kept.add(statement);
      mentions.forEach((name) => needed.add(name));
    }
  }
  const texts = statements.filter((statement) => kept.has(statement)).map(({ text }) => text);
  return [...texts, `export { ${exports.join(", ")} };`].join("\n");
}

function describe(code: string, node: AnyNode): Statement {
  const declares = declaredBy(node);
  const own = new Set<string>();
  const mentions = new Set<string>();
  visit(node, (inner) => {
    if (inner !== node) declaredBy(inner).forEach((name) => own.add(name));
    if (inner.type === "Identifier") mentions.add(inner.name as string);
  });
  own.forEach((name) => declares.has(name) || mentions.delete(name));
  return { text: code.slice(node.start, node.end), declares, mentions };
}

/** Names that the node itself brings: a function's and its parameters', a class's, a variable's. */
function declaredBy(node: AnyNode): ReadonlySet<string> {
  const { id, params, declarations } = node as AnyNode & {
    readonly id?: AnyNode | null;
    readonly params?: readonly AnyNode[];
    readonly declarations?: readonly { readonly id: AnyNode }[];
  };
  const names = new Set<string>();
  const variables = (declarations ?? []).map((declaration) => declaration.id);
  for (const one of [id, ...(params ?? []), ...variables]) {
    if (one) visit(one, ({ name }) => typeof name === "string" && names.add(name));
  }
  return names;
}

/** Every node but the names of members, which are no variables. */
function visit(node: AnyNode, on: (node: AnyNode) => void): void {
  on(node);
  const { computed, shorthand } = node as AnyNode & { computed?: boolean; shorthand?: boolean };
  const member = computed === false && shorthand !== true ? ["property", "key"] : [];
  for (const [name, value] of Object.entries(node) as readonly [string, unknown][]) {
    if (member.includes(name)) continue;
    for (const child of Array.isArray(value) ? (value as readonly unknown[]) : [value]) {
      if (typeof child === "object" && child !== null && "type" in child) {
        visit(child as AnyNode, on);
      }
    }
  }
}
