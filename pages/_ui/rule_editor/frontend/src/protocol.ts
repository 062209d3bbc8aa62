/** What Python and the browser tell each other. `choices.py` and `__init__.py` are the other side. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

/** What value an operator takes, as the engine names it. */
export type Takes = "nothing" | "one" | "day" | "range" | "many" | "span" | "days";

/** What a field holds: `date` a day, `time` an instant, `list` a list of text. */
export type Kind = "text" | "number" | "money" | "boolean" | "date" | "time" | "list";

export interface Operator {
  name: string;
  label: string;
  takes: Takes;
}

export interface Field {
  name: string;
  label: string;
  group: string;
  type: Kind;
  /** Which list of `Choices.operators` it has, and the one a fresh condition starts with. */
  operators: string;
  first: string;
  /** Not empty where the text is one of a few; nothing else is taken then. */
  choices: string[];
  /** Frequent values, offered while typing. */
  suggestions: string[];
}

export interface Aggregate {
  name: string;
  /** May hold `{of}`. */
  label: string;
  of: string[];
  of_required: boolean;
  /** Type of the figure by what it is of; under the empty name that without `of`. */
  types: { [of: string]: Kind };
}

export interface Named {
  name: string;
  label: string;
}

export interface Saved {
  id: string;
  name: string;
}

export interface Choices {
  fields: Field[];
  order_fields: Field[];
  operators: { [list: string]: Operator[] };
  aggregates: Aggregate[];
  comparators: Operator[];
  windows: Operator[];
  units: Named[];
  outcomes: Named[];
  segments: Saved[];
  campaigns: Saved[];
  currency: { code: string; symbol: string; decimals: number };
  zone: string;
  /** How numbers are written, as a BCP 47 tag. */
  locale: string;
  limits: { levels: number; nodes: number; filters: number };
}

/** What the server has to say about one node. */
export interface Note {
  problem?: string;
  /** Customers that its group holds with the node and those before it, and those that it takes
   * away from them; or those that it brings in, where any part of the group suffices. */
  count?: number;
  removed?: number;
  added?: number;
  pending?: boolean;
}

/** What Python passes at every run. */
export interface Data {
  label: string;
  document: JsonObject;
  revision: number;
  /** Serial of the last edit that Python has seen, so that serials go on after a remount. */
  serial: number;
  choices: Choices;
  notes: { [id: string]: Note };
}

/** What the browser sends at every edit. */
export interface Edit {
  serial: number;
  revision: number;
  document: JsonObject;
  incomplete: string[];
}
