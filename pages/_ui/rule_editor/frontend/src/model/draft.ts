/** A value while it is being written: text as typed, until the rule's JSON needs it. */

import type { Json, Kind, Takes } from "../protocol";

export type Draft =
  | { takes: "nothing" }
  | { takes: "one" | "day"; text: string }
  | { takes: "range"; low: string; high: string }
  | { takes: "many"; texts: string[] }
  | { takes: "span" | "days"; n: string; unit: string };

const WHOLE = /^-?\d+$/;
const DECIMAL = /^-?\d{1,16}(\.\d+)?([eE][+-]?\d{1,3})?$/;
const SPAN = /^[1-9]\d{0,9}$/;
/** A year before 1000 is one that is still being typed. */
const MOMENT = /^[1-9]\d{3}-\d{2}-\d{2}/;

export function empty(takes: Takes): Draft {
  switch (takes) {
    case "nothing":
      return { takes };
    case "range":
      return { takes, low: "", high: "" };
    case "many":
      return { takes, texts: [] };
    case "span":
    case "days":
      return { takes, n: "", unit: "day" };
    default:
      return { takes, text: "" };
  }
}

/** What a fresh condition starts with. */
export function fresh(takes: Takes): Draft {
  return takes === "span" || takes === "days" ? { takes, n: "30", unit: "day" } : empty(takes);
}

/** Whether nothing is missing; what is there may still be wrong, which the engine says. */
export function complete(kind: Kind, draft: Draft): boolean {
  switch (draft.takes) {
    case "nothing":
      return true;
    case "range":
      return said(kind, draft.low) && said(kind, draft.high);
    case "many":
      return draft.texts.length > 0;
    case "span":
    case "days":
      return SPAN.test(draft.n);
    default:
      return said(kind, draft.text);
  }
}

/** What is left of a value when its operator changes to one that takes something else. */
export function carried(draft: Draft, takes: Takes): Draft {
  if (draft.takes === takes) return draft;
  if (draft.takes === "span" || draft.takes === "days") {
    return takes === "span" || takes === "days" ? { takes, n: draft.n, unit: "day" } : fresh(takes);
  }
  const first = firstText(draft);
  switch (takes) {
    case "one":
      return { takes, text: first };
    case "day":
      return { takes, text: first.slice(0, 10) };
    case "range":
      return { takes, low: first, high: "" };
    case "many":
      return { takes, texts: first.trim() ? [first] : [] };
    default:
      return fresh(takes);
  }
}

/** The JSON value, as far as there is one; what is no number stays text, for the engine to refuse. */
export function toJson(kind: Kind, draft: Draft): Json | undefined {
  switch (draft.takes) {
    case "nothing":
      return undefined;
    case "range":
      return draft.low || draft.high ? [one(kind, draft.low), one(kind, draft.high)] : undefined;
    case "many":
      return draft.texts.length ? [...draft.texts] : undefined;
    case "span":
    case "days":
      return draft.n ? { n: Number(draft.n), unit: draft.unit } : undefined;
    default:
      return draft.text ? one(kind, draft.text) : undefined;
  }
}

/** The draft of a JSON value; null where no box can hold it. */
export function fromJson(takes: Takes, value: Json | undefined): Draft | null {
  if (value === undefined || value === null) return empty(takes);
  switch (takes) {
    case "nothing":
      return null;
    case "range": {
      if (!Array.isArray(value) || value.length !== 2) return null;
      const [low, high] = value.map(asText);
      return low == null || high == null ? null : { takes, low, high };
    }
    case "many": {
      const texts = Array.isArray(value) ? value.map(asText) : [null];
      return texts.includes(null) ? null : { takes, texts: texts as string[] };
    }
    case "span":
    case "days": {
      if (typeof value !== "object" || value === null || Array.isArray(value)) return null;
      const n = asText(value["n"]);
      const unit = value["unit"];
      return n === null || typeof unit !== "string" ? null : { takes, n, unit };
    }
    default: {
      const text = asText(value);
      return text === null ? null : { takes, text };
    }
  }
}

function firstText(draft: Draft): string {
  switch (draft.takes) {
    case "range":
      return draft.low;
    case "many":
      return draft.texts[0] ?? "";
    case "one":
    case "day":
      return draft.text;
    default:
      return "";
  }
}

function said(kind: Kind, text: string): boolean {
  return kind === "date" || kind === "time" ? MOMENT.test(text) : text.trim() !== "";
}

function asText(value: Json | undefined): string | null {
  if (typeof value === "string") return value;
  return typeof value === "number" ? String(value) : null;
}

function one(kind: Kind, text: string): Json {
  // Text keeps its spaces: they count when it is compared.
  if (kind === "text" || kind === "list") return text;
  const bare = text.trim();
  if (kind !== "number" || !DECIMAL.test(bare)) return bare;
  // Past 2**53 a number here would be another one than was typed; the engine refuses the text.
  return WHOLE.test(bare) && !Number.isSafeInteger(Number(bare)) ? bare : Number(bare);
}
