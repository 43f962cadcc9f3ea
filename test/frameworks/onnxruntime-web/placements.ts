/** What onnxruntime-web's verbose log says of where a session's nodes run. */

export interface Placements {
  /** Of the graph as it came to the WebNN provider: all nodes, those it took, and the graphs that it made of them. */
  readonly offered: { readonly nodes: number; readonly taken: number; readonly graphs: number };
  /** Why the provider takes no node of certain operators, whatever our limits offer: each reason once. */
  readonly refusedSets: readonly string[];
  /** Provider → how many nodes of the final graph run on it; each graph of WebNN's is one node there. */
  readonly counts: Readonly<Record<string, number>>;
  /** Provider → its nodes, "Slice (name)"; ORT names them only where there are several providers. */
  readonly nodes: Readonly<Record<string, readonly string[]>>;
}

/** `lines`: the log of opening one session. Throws where it does not say. */
export function readPlacements(lines: readonly string[]): Placements {
  const counts: Record<string, number> = {};
  const nodes: Record<string, string[]> = {};
  let offered: Placements["offered"] | undefined;
  let provider = "";
  const refusedSets = new Set<string>();
  for (const line of lines) {
    const offer =
      /partitions supported by WebNN: (\d+) number of nodes in the graph: (\d+) number of nodes supported by WebNN: (\d+)/.exec(
        line,
      );
    if (offer !== null) {
      const [graphs, all, taken] = offer.slice(1).map(Number) as [number, number, number];
      offered = { nodes: all, taken, graphs };
    }
    const refused = /HasSupportedOpSet\] (.*)/.exec(line)?.[1];
    if (refused !== undefined) refusedSets.add(refused);
    const said = /VerifyEachNodeIsAssignedToAnEp\] {1,3}(.*)/.exec(line)?.[1];
    if (said === undefined) continue;
    const placed = /^(?:All nodes|Node\(s\)) placed on \[(\w+)\]\. Number of nodes: (\d+)/.exec(
      said,
    );
    if (placed !== null) {
      provider = placed[1]!;
      counts[provider] = Number(placed[2]);
      nodes[provider] = [];
    } else if (provider !== "" && /^\S+ \(.*\)/.test(said)) {
      nodes[provider]!.push(said);
    }
  }
  if (offered === undefined || provider === "") {
    throw new Error(`no placements in ${lines.length} lines of ORT's log`);
  }
  return { offered, refusedSets: [...refusedSets], counts, nodes };
}

/** Nodes that are not WebNN's, by name where ORT says it. */
export function nodesElsewhere({ counts, nodes }: Placements): readonly string[] {
  return Object.entries(counts)
    .filter(([provider]) => provider !== "WebNNExecutionProvider")
    .flatMap(([provider, count]) =>
      nodes[provider]!.length === count ? nodes[provider]! : [`${count} on ${provider}`],
    );
}
