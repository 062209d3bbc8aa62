/** A field, its operator and its value: a condition, or one line of a behaviour's "where". */

import { capital, operatorsOf } from "../model/choices";
import { carried, fresh } from "../model/draft";
import type { Filter } from "../model/tree";
import type { Choices, Field } from "../protocol";
import { Picker } from "./picker";
import { Select } from "./select";
import { Value } from "./value";

interface Props {
  about: string;
  filter: Filter;
  fields: readonly Field[];
  choices: Choices;
  disabled: boolean;
  invalid: boolean;
  part?: string;
  onChange: (filter: Filter, typing?: string) => void;
}

export function FilterBoxes(props: Props) {
  const { about, filter, fields, choices, disabled, invalid, part, onChange } = props;
  const field = fields.find((one) => one.name === filter.field);
  const operators = field ? operatorsOf(choices, field) : [];
  const told = field ? field.label : about;

  const chooseField = (name: string): void => {
    const chosen = fields.find((one) => one.name === name);
    if (chosen) onChange(onField(filter, field, chosen, choices));
  };
  const chooseOperator = (op: string): void => {
    const takes = operators.find((one) => one.name === op)?.takes;
    if (takes) onChange({ ...filter, op, value: carried(filter.value, takes) });
  };
  return (
    <>
      <Picker
        label={`Field of ${about}`}
        placeholder="Choose a field"
        value={filter.field}
        choices={fields.map((one) => ({
          value: one.name,
          label: capital(one.label),
          ...(one.group ? { group: one.group } : {}),
        }))}
        onPick={chooseField}
        disabled={disabled}
        {...(part === undefined ? {} : { part })}
      />
      {field && (
        <Select
          label={`Operator of ${told}`}
          value={filter.op}
          options={operators.map((one) => ({ value: one.name, label: one.label }))}
          onChange={chooseOperator}
          disabled={disabled}
          className="re-op"
        />
      )}
      {field && (
        <Value
          about={told}
          kind={field.type}
          field={field}
          draft={filter.value}
          choices={choices}
          disabled={disabled}
          invalid={invalid}
          onChange={(value, typing) => onChange({ ...filter, value }, typing)}
        />
      )}
    </>
  );
}

/** Operator and value stay where the new field is of the same kind. */
export function onField(
  filter: Filter,
  before: Field | undefined,
  chosen: Field,
  choices: Choices,
): Filter {
  const operators = operatorsOf(choices, chosen);
  const stays = before?.type === chosen.type && operators.some((one) => one.name === filter.op);
  if (stays) return { ...filter, field: chosen.name };
  const first = operators.find((one) => one.name === chosen.first) ?? operators[0];
  return {
    field: chosen.name,
    op: first?.name ?? "",
    value: fresh(first?.takes ?? "nothing"),
  };
}
