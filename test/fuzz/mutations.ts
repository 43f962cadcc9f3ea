/**
 * Ways to spoil a valid call of a builder's method so that the standard refuses it, told from its text
 * alone: an operand of a type or rank that the tables forbid, a list of the wrong length, an axis that is not there.
 */
import { MLGraphBuilder } from "../../core-webnn/index.ts";
import type { MLOperand, MLOpSupportLimits } from "../../core-webnn/index.ts";
import { dataTypes, type StorageType } from "../../core-webnn/util/data-type.ts";
import type { Known } from "../reference/bounds.ts";

/** A call that is valid, and what spoils it draws on. */
export interface Site {
  readonly op: string;
  /** Operands are MLOperands here, or lists of them. */
  readonly args: Readonly<Record<string, unknown>>;
  /** Types and shapes of the operands among the arguments. */
  readonly operands: Readonly<Record<string, Known>>;
  readonly limits: MLOpSupportLimits;
  /** An operand of this builder. */
  readonly make: (dataType: StorageType, shape: readonly number[]) => MLOperand;
  /** An operand of another builder. */
  readonly foreign: (dataType: StorageType, shape: readonly number[]) => MLOperand;
  readonly pick: <T>(items: readonly T[]) => T;
}

export interface Spoiled {
  readonly why: string;
  readonly args: Readonly<Record<string, unknown>>;
}

type Mutation = (site: Site) => readonly Spoiled[];

/** All that apply to the call. */
export function spoil(site: Site): readonly Spoiled[] {
  return mutations.flatMap((mutation) => mutation(site));
}

function change(site: Site, name: string, value: unknown, why: string): Spoiled {
  return { why: `${name}: ${why}`, args: { ...site.args, [name]: value } };
}

/** Each operand that stands alone, not in a list. */
function eachOperand(
  site: Site,
  spoilOne: (name: string, operand: Known) => readonly Spoiled[],
): readonly Spoiled[] {
  return Object.entries(site.operands).flatMap(([name, operand]) => spoilOne(name, operand));
}

const noOperand: Mutation = (site) =>
  eachOperand(site, (name) =>
    [null, {}, 5, "operand", MLGraphBuilder].map((value) =>
      change(site, name, value, `${String(value)} is no MLOperand`),
    ),
  );

const foreignOperand: Mutation = (site) =>
  eachOperand(site, (name, { dataType, shape }) => [
    change(site, name, site.foreign(dataType, shape), "of another builder"),
  ]);

/** A type that the op's table does not list for the operand. */
const forbiddenType: Mutation = (site) =>
  eachOperand(site, (name, { shape }) => {
    const allowed = site.limits[site.op]![name]!.dataTypes as readonly string[];
    const others = dataTypes.filter((type) => !allowed.includes(type));
    return others.map((type) => change(site, name, site.make(type, shape), `is ${type}`));
  });

const forbiddenRank: Mutation = (site) =>
  eachOperand(site, (name, { dataType, shape }) => {
    const { min, max } = site.limits[site.op]![name]!.rankRange;
    const shapes = [
      ...(min > 0 ? [shape.slice(0, min - 1)] : []),
      ...(max < 8 ? [[...shape, ...Array<number>(max + 1 - shape.length).fill(1)]] : []),
    ];
    return shapes.map((other) =>
      change(site, name, site.make(dataType, other), `has rank ${other.length}`),
    );
  });

/** Operands that must have the type of the first. */
const likeFirst = [
  ["b", "c", "filter", "bias", "slope", "scale", "mean", "variance", "falseValue", "weight"],
  ["recurrentWeight", "recurrentBias", "peepholeWeight", "hiddenState", "cellState", "updates"],
  ["initialHiddenState", "initialCellState"],
].flat();

const otherType: Mutation = (site) =>
  eachOperand(site, (name, { dataType, shape }) => {
    const isDecoded = site.op === "dequantizeLinear" && name === "scale";
    if (!likeFirst.includes(name) || isDecoded) return [];
    const others = site.limits[site.op]![name]!.dataTypes.filter((type) => type !== dataType);
    return others.map((type) =>
      change(site, name, site.make(type, shape), `is ${type}, not ${dataType}`),
    );
  });

/** Operands whose shape follows from the other arguments, to the last number. */
const fixedShapes = likeFirst.filter(
  (name) => !["b", "c", "slope", "falseValue", "filter"].includes(name),
);

const otherShape: Mutation = (site) =>
  eachOperand(site, (name, { dataType, shape }) => {
    const isFixed = fixedShapes.includes(name) || (name === "zeroPoint" && shape.length > 0);
    if (!isFixed) return [];
    return shape.map((size, d) => {
      const other = shape.with(d, size + 1);
      const operand = site.make(dataType, other);
      return change(site, name, operand, `has shape [${other.join(", ")}]`);
    });
  });

/** Sizes that neither agree nor are 1. */
const unbroadcastable: Mutation = (site) => {
  const pairs = [
    ["a", "b"],
    ["input", "slope"],
    ["trueValue", "falseValue"],
  ] as const;
  const pair = pairs.find(([first, second]) => first in site.operands && second in site.operands);
  if (pair === undefined || ["matmul", "gemm"].includes(site.op)) return [];
  const [first, second] = pair.map((name) => site.operands[name]!) as [Known, Known];
  const last = first.shape.at(-1);
  if (last === undefined || last === 1 || second.shape.length === 0) return [];
  const other = second.shape.with(second.shape.length - 1, last + 1);
  return [change(site, pair[1], site.make(second.dataType, other), "does not broadcast")];
};

/** Of matrices that are multiplied, the inner sizes. */
const innerSizes: Mutation = (site) => {
  if (!["matmul", "gemm"].includes(site.op)) return [];
  const { dataType, shape } = site.operands["b"]!;
  const inner = shape.length - (site.args["bTranspose"] === true ? 1 : 2);
  const other = shape.with(inner, shape[inner]! + 1);
  return [change(site, "b", site.make(dataType, other), "has other inner sizes")];
};

const missing: Mutation = (site) => {
  const first = Object.keys(site.args)[0]!;
  return [change(site, first, undefined, "is missing")];
};

/** Names of arguments that count dimensions, groups or steps, and values that none of them can be. */
const axis: Mutation = (site) => {
  const rank = (site.operands["input"] ?? firstOf(site))?.shape.length;
  if (rank === undefined || !("axis" in site.args)) return [];
  return [rank, rank + 1, -1, 2 ** 32, Number.NaN, Infinity].map((value) =>
    change(site, "axis", value, `is ${value} in rank ${rank}`),
  );
};

function firstOf({ operands }: Site): Known | undefined {
  return Object.values(operands)[0];
}

const axes: Mutation = (site) => {
  const input = site.operands["input"];
  const listed = ["axes", "permutation"].filter((name) => Array.isArray(site.args[name]));
  return listed.flatMap((name) => {
    const list = site.args[name] as number[];
    const rank = input!.shape.length;
    return [
      change(site, name, [...list, rank], `has axis ${rank} of rank ${rank}`),
      ...(list.length > 0 ? [change(site, name, [...list, list[0]!], "repeats an axis")] : []),
    ];
  });
};

/** Lists whose length is given. */
const lists = [
  ["padding", "strides", "dilations", "outputPadding", "outputSizes", "windowDimensions"],
  ["starts", "sizes", "scales", "repetitions", "beginningPadding", "endingPadding", "activations"],
].flat();

const lengths: Mutation = (site) =>
  lists.flatMap((name) => {
    const list = site.args[name];
    if (!Array.isArray(list)) return [];
    const longer = [...(list as unknown[]), list[0] ?? 1];
    return [
      change(site, name, longer, `has ${longer.length} items`),
      ...(list.length > 0
        ? [change(site, name, list.slice(1), `has ${list.length - 1} items`)]
        : []),
      change(site, name, 5, "is no list"),
    ];
  });

/** Lists in which 0 stands for nothing. */
const positive = ["strides", "dilations", "windowDimensions", "sizes", "repetitions", "splits"];

const zeros: Mutation = (site) =>
  positive.flatMap((name) => {
    const list = site.args[name];
    if (!Array.isArray(list) || list.length === 0) return [];
    return [change(site, name, (list as number[]).with(0, 0), "contains 0")];
  });

const counts: Mutation = (site) =>
  [
    ["groups", [0, -1, 2 ** 32, Number.NaN]],
    ["steps", [0, Number(site.args["steps"]) + 1, -1]],
    ["hiddenSize", [0, Number(site.args["hiddenSize"]) + 1]],
    ["diagonal", [2 ** 31, Number.NaN, Infinity]],
  ].flatMap(([name, values]) =>
    (name as string) in site.args && site.args[name as string] !== undefined
      ? (values as number[]).map((value) => change(site, name as string, value, `is ${value}`))
      : [],
  );

/** Doubles are finite. */
const doubles: Mutation = (site) =>
  ["alpha", "beta", "epsilon"].flatMap((name) =>
    typeof site.args[name] === "number"
      ? [Number.NaN, Infinity, "one", 1n, Symbol("1")].map((value) =>
          change(site, name, value, `is ${String(value)}`),
        )
      : [],
  );

const enumerations: Mutation = (site) =>
  Object.entries(site.args).flatMap(([name, value]) =>
    typeof value === "string"
      ? ["", "NCHW", "nothing", 5].map((other) =>
          change(site, name, other, `is ${JSON.stringify(other)}`),
        )
      : [],
  );

/** What only one op or two can do wrong. */
const particular: Mutation = (site) => {
  const { op, args, operands } = site;
  const { shape = [], dataType } = operands["input"] ?? {};
  switch (op) {
    case "clamp":
      return [{ why: "bounds crossed", args: { ...args, minValue: 3, maxValue: 2 } }];
    case "reshape":
      return [
        change(site, "newShape", [...(args["newShape"] as number[]), 2], "has more elements"),
      ];
    case "expand":
      return [change(site, "newShape", shape.slice(1), "has a lower rank")].filter(
        () => shape.length > 0,
      );
    case "slice":
      return shape.map((size, d) =>
        change(
          site,
          "sizes",
          (args["sizes"] as number[]).with(d, size + 1),
          "ends behind the input",
        ),
      );
    case "split":
      return [
        change(site, "splits", [shape[Number(args["axis"] ?? 0)]!, 1], "sum up to more"),
        change(site, "splits", shape[Number(args["axis"] ?? 0)]! + 1, "do not divide the size"),
        change(site, "splits", 0, "is 0"),
      ];
    case "pad":
      return shape.length === 0
        ? []
        : [
            {
              why: "reflects too far",
              args: { ...args, mode: "reflection", endingPadding: shape },
            },
          ];
    case "concat":
      return [
        change(site, "inputs", [], "is empty"),
        change(site, "inputs", [null], "has no operand"),
      ];
    case "argMin":
    case "argMax":
      return ["float32", "uint8", "uint64"].map((type) =>
        change(site, "outputDataType", type, `is ${type}`),
      );
    case "resample2d":
      return [
        change(site, "scales", [0, 1], "contains 0"),
        change(site, "scales", [-1, 1], "is negative"),
      ];
    case "conv2d":
    case "convTranspose2d":
      return [change(site, "padding", [0, 0, 0, -1], "is negative")];
    case "gatherND":
    case "scatterND":
      return [
        change(
          site,
          "indices",
          site.make("int32", [1, shape.length + 1]),
          "has too many coordinates",
        ),
      ];
    case "cast":
      return dataType === undefined ? [] : [change(site, "dataType", "float64", "does not exist")];
    default:
      return [];
  }
};

/** Lists by which outputs grow, to more elements than a tensor can have. */
const tooLarge: Mutation = (site) =>
  ["newShape", "repetitions", "beginningPadding", "endingPadding", "sizes", "outputSizes"].flatMap(
    (name) => {
      const list = site.args[name];
      if (!Array.isArray(list) || list.length === 0) return [];
      return [2 ** 31, 2 ** 32 - 1].map((size) =>
        change(site, name, (list as number[]).with(0, size), `contains ${size}`),
      );
    },
  );

const mutations: readonly Mutation[] = [
  noOperand,
  foreignOperand,
  forbiddenType,
  forbiddenRank,
  otherType,
  otherShape,
  unbroadcastable,
  innerSizes,
  missing,
  axis,
  axes,
  lengths,
  zeros,
  counts,
  doubles,
  enumerations,
  tooLarge,
  particular,
];
