/** The boxes of a value, by what its operator takes and what the field holds. */

import type { Draft } from "../model/draft";
import { moment, parts } from "../model/instants";
import { digits, numeric } from "../model/numbers";
import type { Choices, Field, Kind } from "../protocol";
import { Chips } from "./chips";
import { Select } from "./select";
import { Suggest } from "./suggest";

interface Props {
  /** What the value belongs to, for screen readers. */
  about: string;
  kind: Kind;
  field?: Field | undefined;
  draft: Draft;
  choices: Choices;
  disabled: boolean;
  invalid: boolean;
  /** `typing` names the box that is typed in; without it the edit is a step of its own. */
  onChange: (draft: Draft, typing?: string) => void;
}

export function Value(props: Props) {
  const { about, draft, onChange, field, disabled, invalid, choices } = props;
  switch (draft.takes) {
    case "nothing":
      return null;
    case "many":
      return (
        <Chips
          label={`values of ${about}`}
          texts={draft.texts}
          suggestions={field?.choices.length ? field.choices : (field?.suggestions ?? [])}
          closed={(field?.choices.length ?? 0) > 0}
          onChange={(texts) => onChange({ takes: "many", texts })}
          disabled={disabled}
          invalid={invalid}
        />
      );
    case "span":
    case "days":
      return (
        <span className="re-span">
          <input
            type="text"
            inputMode="numeric"
            className="re-box re-n"
            aria-label={`How many ${draft.takes === "days" ? "days" : "units of time"}: ${about}`}
            aria-invalid={invalid || undefined}
            autoComplete="off"
            value={draft.n}
            disabled={disabled}
            onChange={(event) => onChange({ ...draft, n: digits(event.target.value) }, "n")}
          />
          {draft.takes === "days" ? (
            <span className="re-word">days</span>
          ) : (
            <Select
              label={`Unit of time: ${about}`}
              value={draft.unit}
              options={choices.units.map((one) => ({ value: one.name, label: one.label }))}
              onChange={(unit) => onChange({ ...draft, unit })}
              disabled={disabled}
            />
          )}
        </span>
      );
    case "range":
      return (
        <span className="re-range">
          <One
            {...props}
            about={`from, ${about}`}
            text={draft.low}
            onText={(low, typing) => onChange({ ...draft, low }, typing && `low ${typing}`)}
          />
          <span className="re-word">and</span>
          <One
            {...props}
            about={`to, ${about}`}
            text={draft.high}
            onText={(high, typing) => onChange({ ...draft, high }, typing && `high ${typing}`)}
          />
        </span>
      );
    case "day":
      return (
        <Day
          label={`Date: ${about}`}
          text={draft.text}
          onText={(text) => onChange({ ...draft, text }, "day")}
          disabled={disabled}
          invalid={invalid}
        />
      );
    default:
      return (
        <One
          {...props}
          text={draft.text}
          onText={(text, typing) => onChange({ takes: "one", text }, typing)}
        />
      );
  }
}

interface OneProps extends Props {
  text: string;
  onText: (text: string, typing?: string) => void;
}

function One({ about, kind, field, text, onText, choices, disabled, invalid }: OneProps) {
  const shared = { disabled, invalid };
  if (field?.choices.length) {
    const options = field.choices.map((one) => ({ value: one, label: one }));
    return (
      <Select
        label={`Value of ${about}`}
        value={text}
        options={options}
        placeholder="Choose"
        onChange={(picked) => onText(picked)}
        disabled={disabled}
      />
    );
  }
  switch (kind) {
    case "number":
    case "money":
      return <Amount {...shared} {...{ about, kind, text, onText, choices }} />;
    case "date":
      return (
        <Day {...shared} label={`Date: ${about}`} text={text} onText={(day) => onText(day, "day")} />
      );
    case "time":
      return <Moment {...shared} about={about} zone={choices.zone} text={text} onText={onText} />;
    default:
      return (
        <Suggest
          {...shared}
          label={`Value of ${about}`}
          value={text}
          placeholder="Value"
          suggestions={field?.suggestions ?? []}
          onType={(typed) => onText(typed, "text")}
        />
      );
  }
}

type AmountProps = Pick<
  OneProps,
  "about" | "kind" | "text" | "onText" | "choices" | "disabled" | "invalid"
>;

function Amount({ about, kind, text, onText, choices, disabled, invalid }: AmountProps) {
  const { code, symbol, decimals } = choices.currency;
  const money = kind === "money";
  return (
    <span className="re-amount" data-money={money || undefined}>
      {money && <span aria-hidden="true">{symbol}</span>}
      <input
        type="text"
        inputMode="decimal"
        className="re-box"
        aria-label={money ? `Amount in ${code}: ${about}` : `Number: ${about}`}
        aria-invalid={invalid || undefined}
        autoComplete="off"
        placeholder={money ? (0).toFixed(decimals) : "Number"}
        value={text}
        disabled={disabled}
        maxLength={30}
        onChange={(event) => onText(numeric(event.target.value), "text")}
      />
    </span>
  );
}

interface DayProps {
  label: string;
  text: string;
  onText: (day: string) => void;
  disabled: boolean;
  invalid: boolean;
}

function Day({ label, text, onText, disabled, invalid }: DayProps) {
  return (
    <input
      type="date"
      className="re-box re-day"
      aria-label={label}
      aria-invalid={invalid || undefined}
      min="1900-01-01"
      max="2199-12-31"
      value={text.slice(0, 10)}
      disabled={disabled}
      onChange={(event) => onText(event.target.value)}
    />
  );
}

interface MomentProps {
  about: string;
  zone: string;
  text: string;
  onText: (text: string, typing?: string) => void;
  disabled: boolean;
  invalid: boolean;
}

function Moment({ about, zone, text, onText, disabled, invalid }: MomentProps) {
  const { day, time } = parts(text, zone);
  return (
    <span className="re-moment">
      <Day
        label={`Date: ${about}`}
        text={day}
        onText={(given) => onText(moment({ day: given, time }), "day")}
        disabled={disabled}
        invalid={invalid}
      />
      <input
        type="time"
        className="re-box re-time"
        aria-label={`Time in ${zone}, or the whole day if empty: ${about}`}
        title={`Time in ${zone}; the whole day if empty`}
        aria-invalid={invalid || undefined}
        step={time.length > 5 ? 1 : 60}
        value={time}
        disabled={disabled || !day}
        onChange={(event) => onText(moment({ day, time: event.target.value }), "time")}
      />
    </span>
  );
}
