/** As much of the parser's output as is used here; it brings no types. */
declare module "webidl2" {
  export interface Type {
    readonly generic: string;
    readonly idlType: string | readonly Type[];
  }

  export interface Callable {
    readonly arguments: readonly { readonly optional: boolean }[];
  }

  export interface Operation extends Callable {
    readonly type: "operation";
    readonly name: string;
    readonly idlType: Type;
  }

  export interface Attribute {
    readonly type: "attribute";
    readonly name: string;
    readonly idlType: Type;
  }

  export interface Constructor extends Callable {
    readonly type: "constructor";
  }

  export type Definition =
    | {
        readonly type: "interface";
        readonly name: string;
        readonly members: readonly (Operation | Attribute | Constructor)[];
      }
    | {
        readonly type: "enum";
        readonly name: string;
        readonly values: readonly { readonly value: string }[];
      }
    | {
        readonly type: "dictionary";
        readonly name: string;
        readonly inheritance: string | null;
        readonly members: readonly {
          readonly name: string;
          readonly idlType: { readonly idlType: string };
          readonly required: boolean;
          readonly default: { readonly value: unknown } | null;
        }[];
      };

  export function parse(idl: string): readonly Definition[];
}
