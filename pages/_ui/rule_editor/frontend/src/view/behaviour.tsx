/** A behaviour: a figure over a customer's orders in a window, and which orders count. */

import {
  aggregateKind,
  capital,
  comparatorOf,
  figure,
  figures,
  windowOf,
} from "../model/choices";
import { carried, fresh } from "../model/draft";
import type { Behaviour } from "../model/tree";
import type { Choices } from "../protocol";
import { FilterBoxes } from "./filter";
import { Icon } from "./icons";
import { Select } from "./select";
import { Value } from "./value";

interface Props {
  leaf: Behaviour;
  choices: Choices;
  disabled: boolean;
  invalid: boolean;
  onChange: (leaf: Behaviour, typing?: string) => void;
}

export function BehaviourBoxes({ leaf, choices, disabled, invalid, onChange }: Props) {
  const shown = figure(choices, leaf.aggregate, leaf.of);
  const about = shown.label;
  const all = figures(choices);
  const listed = all.some((one) => key(one) === key(shown)) ? all : [shown, ...all];
  const kind = aggregateKind(choices, leaf.aggregate, leaf.of);

  const chooseFigure = (picked: string): void => {
    const chosen = listed.find((one) => key(one) === picked);
    if (chosen) onChange({ ...leaf, aggregate: chosen.aggregate, of: chosen.of });
  };
  const chooseWindow = (name: string): void => {
    const takes = windowOf(choices, name)?.takes ?? "nothing";
    const value = carried(leaf.window.value, takes);
    onChange({ ...leaf, window: { name, value } });
  };
  const compare = (op: string): void => {
    const takes = comparatorOf(choices, op)?.takes ?? "one";
    onChange({ ...leaf, op, value: carried(leaf.value, takes) });
  };
  return (
    <div className="re-behaviour">
      <div className="re-boxes">
        <Select
          label="Figure over orders"
          value={key(shown)}
          options={listed.map((one) => ({ value: key(one), label: capital(one.label) }))}
          onChange={chooseFigure}
          disabled={disabled}
          part="first"
          className="re-figure"
        />
        <Select
          label={`Time window of ${about}`}
          value={leaf.window.name}
          options={choices.windows.map((one) => ({ value: one.name, label: one.label }))}
          onChange={chooseWindow}
          disabled={disabled}
        />
        <Value
          about={`time window of ${about}`}
          kind="date"
          draft={leaf.window.value}
          choices={choices}
          disabled={disabled}
          invalid={false}
          onChange={(value, typing) =>
            onChange({ ...leaf, window: { ...leaf.window, value } }, typing && `window ${typing}`)
          }
        />
        <Select
          label={`Comparison of ${about}`}
          value={leaf.op}
          options={choices.comparators.map((one) => ({ value: one.name, label: one.label }))}
          onChange={compare}
          disabled={disabled}
        />
        <Value
          about={about}
          kind={kind}
          draft={leaf.value}
          choices={choices}
          disabled={disabled}
          invalid={invalid}
          onChange={(value, typing) => onChange({ ...leaf, value }, typing)}
        />
      </div>
      <Where {...{ leaf, choices, disabled, invalid, onChange, about }} />
    </div>
  );
}

function Where(props: Props & { about: string }) {
  const { leaf, choices, disabled, invalid, onChange, about } = props;
  const blank = { field: "", op: "", value: fresh("nothing") };
  const full = leaf.where.length >= choices.limits.filters;
  return (
    <div className="re-where">
      {leaf.where.map((filter, index) => (
        // Lines have no ids of their own; their boxes hold no state but what is in them.
        <div key={index} className="re-line" role="group" aria-label={`Order filter ${index + 1}`}>
          <span className="re-word">{index === 0 ? "where" : "and"}</span>
          <FilterBoxes
            about={`order filter ${index + 1} of ${about}`}
            filter={filter}
            fields={choices.order_fields}
            choices={choices}
            disabled={disabled}
            invalid={invalid}
            onChange={(changed, typing) =>
              onChange(
                { ...leaf, where: leaf.where.with(index, changed) },
                typing && `where ${index} ${typing}`,
              )
            }
          />
          {!disabled && (
            <button
              type="button"
              className="re-tool"
              aria-label={`Remove order filter ${index + 1} of ${about}`}
              onClick={() => onChange({ ...leaf, where: leaf.where.toSpliced(index, 1) })}
            >
              <Icon name="close" />
            </button>
          )}
        </div>
      ))}
      {!disabled && !full && (
        <button
          type="button"
          className="re-add re-add-line"
          aria-label={`Add an order filter to ${about}`}
          onClick={() => onChange({ ...leaf, where: [...leaf.where, blank] })}
        >
          <Icon name="plus" />
          {leaf.where.length ? "Filter" : "Only orders where"}
        </button>
      )}
    </div>
  );
}

function key(one: { aggregate: string; of: string | null }): string {
  return `${one.aggregate}:${one.of ?? ""}`;
}
