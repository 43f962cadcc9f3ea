/** TfIdfVectorizer of integers: how often known n-grams come in each row. */
import { formatShape } from "../core.ts";
import { makeArray, type HostArray } from "../host/array.ts";
import { op, type HostNode, type OpRow } from "./row.ts";

export const tfIdfRows: readonly OpRow[] = [
  op("TfIdfVectorizer", {
    since: 9,
    onHost: "WebNN does not search for sequences",
    compute: (node, inputs) => [countGrams(node, inputs[0]!)],
  }),
];

/** A prefix of n-grams, by the item that comes next. */
interface Prefix {
  readonly next: Map<number, Prefix>;
  /** Where the count of the n-gram that ends here stands in the result. */
  place: number | undefined;
}

function countGrams(node: HostNode, input: HostArray): HostArray {
  if (input.shape.length < 1 || input.shape.length > 2) {
    node.fail(`the shape ${formatShape(input.shape)}, expected one or two dimensions`);
  }
  const grams = readGrams(node);
  const width = input.shape.at(-1)!;
  const rows = input.shape.length === 1 ? 1 : input.shape[0]!;
  const size = grams.size;
  const result = makeArray("float32", input.shape.length === 1 ? [size] : [rows, size]);
  const items = Array.from(input.data, Number);
  const weigh = weighing(node);
  for (let row = 0; row < rows; row++) {
    const counts = new Array<number>(size).fill(0);
    countRow(items.slice(row * width, (row + 1) * width), grams, counts);
    counts.forEach((count, i) => void (result.data[row * size + i] = weigh(count, i)));
  }
  return result;
}

interface Grams {
  readonly root: Prefix;
  readonly size: number;
  readonly shortest: number;
  readonly longest: number;
  readonly mostSkipped: number;
}

/** `pool_int64s` has the 1-grams, the 2-grams, …, beginning where `ngram_counts` says. */
function readGrams(node: HostNode): Grams {
  const list = (name: string) => node.ints(name) ?? node.fail(`attribute '${name}' is missing`);
  if (node.node.attributes.has("pool_strings")) {
    node.fail("n-grams of strings: give them as integers, by 'pool_int64s'");
  }
  const [pool, starts, places] = [list("pool_int64s"), list("ngram_counts"), list("ngram_indexes")];
  const [shortest, longest] = [node.int("min_gram_length", 0), node.int("max_gram_length", 0)];
  const mostSkipped = node.int("max_skip_count", 0);
  if (!(shortest >= 1 && longest >= shortest && mostSkipped >= 0)) {
    node.fail(
      `n-grams of ${shortest} to ${longest} items that skip ${mostSkipped}, expected 1 ≤ shortest ≤ longest and no less than 0`,
    );
  }
  const mostPlaces = 2 ** 28;
  const outside = places.find((place) => !(place >= 0 && place < mostPlaces));
  if (outside !== undefined) node.fail(`ngram_indexes has ${outside}`);
  const root: Prefix = { next: new Map(), place: undefined };
  let gram = 0;
  starts.forEach((start, i) => {
    const [length, end] = [i + 1, starts[i + 1] ?? pool.length];
    if (!(start >= 0 && start <= end && end <= pool.length && (end - start) % length === 0)) {
      node.fail(`the ${length}-grams are items ${start} to ${end} of ${pool.length}`);
    }
    for (let at = start; at < end; at += length) {
      const place = places[gram++] ?? node.fail(`${places.length} ngram_indexes are too few`);
      if (length < shortest || length > longest) continue;
      let prefix = root;
      for (const item of pool.slice(at, at + length)) prefix = follow(prefix, item);
      prefix.place = place;
    }
  });
  const size = places.reduce((most, place) => Math.max(most, place + 1), 0);
  return { root, size, shortest, longest, mostSkipped };
}

function follow(prefix: Prefix, item: number): Prefix {
  let next = prefix.next.get(item);
  if (next === undefined) {
    next = { next: new Map(), place: undefined };
    prefix.next.set(item, next);
  }
  return next;
}

/** From every item on, each `distance`-th: single items once, since no distance changes them. */
function countRow(items: readonly number[], grams: Grams, counts: number[]): void {
  const { root, shortest, longest, mostSkipped } = grams;
  const furthest = Math.min(mostSkipped + 1, Math.max(items.length, 1));
  for (let distance = 1; distance <= furthest; distance++) {
    const least = distance === 1 ? shortest : Math.max(shortest, 2);
    for (let start = 0; start < items.length; start++) {
      let prefix: Prefix | undefined = root;
      for (let length = 1; length <= longest; length++) {
        const at = start + (length - 1) * distance;
        prefix = at < items.length ? prefix.next.get(items[at]!) : undefined;
        if (prefix === undefined) break;
        if (length >= least && prefix.place !== undefined) counts[prefix.place]!++;
      }
    }
  }
}

/** Weights are those of n-grams, by their number. */
function weighing(node: HostNode): (count: number, place: number) => number {
  const mode = node.text("mode", "");
  if (mode === "TF") return (count) => count;
  const weights = node.floats("weights") ?? [];
  const places = node.ints("ngram_indexes")!;
  if (weights.length > 0 && weights.length !== places.length) {
    node.fail(`${weights.length} weights for ${places.length} n-grams`);
  }
  const byPlace = new Map(places.map((place, gram) => [place, weights[gram] ?? 1]));
  const weightOf = (place: number) => byPlace.get(place) ?? 0;
  if (mode === "IDF") return (count, place) => (count > 0 ? weightOf(place) : 0);
  if (mode === "TFIDF") return (count, place) => count * weightOf(place);
  return node.fail(`mode '${mode}', expected TF, IDF or TFIDF`);
}
