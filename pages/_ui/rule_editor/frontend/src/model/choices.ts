/** Looking things up in the catalogue that Python passed. */

import type { Aggregate, Choices, Field, Kind, Operator } from "../protocol";

export function fieldOf(choices: Choices, name: string): Field | undefined {
  return choices.fields.find((one) => one.name === name);
}

export function orderFieldOf(choices: Choices, name: string): Field | undefined {
  return choices.order_fields.find((one) => one.name === name);
}

export function operatorsOf(choices: Choices, field: Field): Operator[] {
  return choices.operators[field.operators] ?? [];
}

export function operatorOf(choices: Choices, field: Field, name: string): Operator | undefined {
  return operatorsOf(choices, field).find((one) => one.name === name);
}

export function comparatorOf(choices: Choices, name: string): Operator | undefined {
  return choices.comparators.find((one) => one.name === name);
}

export function windowOf(choices: Choices, name: string): Operator | undefined {
  return choices.windows.find((one) => one.name === name);
}

export function aggregateOf(choices: Choices, name: string): Aggregate | undefined {
  return choices.aggregates.find((one) => one.name === name);
}

/** The type of a figure over orders. */
export function aggregateKind(choices: Choices, name: string, of: string | null): Kind {
  return aggregateOf(choices, name)?.types[of ?? ""] ?? "number";
}

/** A figure over orders, and how it reads. */
export interface Figure {
  aggregate: string;
  of: string | null;
  label: string;
}

/** Every figure that can be asked for. */
export function figures(choices: Choices): Figure[] {
  return choices.aggregates.flatMap((one) => {
    const ofs: (string | null)[] = one.of_required && one.of.length ? one.of : [null];
    return ofs.map((of) => figure(choices, one.name, of));
  });
}

export function figure(choices: Choices, name: string, of: string | null): Figure {
  const label = aggregateOf(choices, name)?.label ?? name;
  const word = of === null ? "" : (orderFieldOf(choices, of)?.label ?? of);
  return { aggregate: name, of, label: label.replace("{of}", word).trim() };
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
