/** The boxes of one part, by its kind. */

import type { Leaf } from "../model/tree";
import type { Choices, Saved } from "../protocol";
import { capital } from "../model/choices";
import { numeric } from "../model/numbers";
import { BehaviourBoxes } from "./behaviour";
import { FilterBoxes } from "./filter";
import { Picker } from "./picker";
import { Select } from "./select";

interface Props {
  leaf: Leaf;
  choices: Choices;
  disabled: boolean;
  invalid: boolean;
  onChange: (leaf: Leaf, typing?: string) => void;
}

export function LeafBoxes({ leaf, choices, disabled, invalid, onChange }: Props) {
  switch (leaf.kind) {
    case "condition":
      return (
        <div className="re-boxes">
          <FilterBoxes
            about="condition"
            filter={leaf}
            fields={choices.fields}
            choices={choices}
            disabled={disabled}
            invalid={invalid}
            part="first"
            onChange={(filter, typing) => onChange({ ...leaf, ...filter }, typing)}
          />
        </div>
      );
    case "orders":
      return <BehaviourBoxes {...{ leaf, choices, disabled, invalid, onChange }} />;
    case "segment":
      return (
        <div className="re-boxes">
          <span className="re-word">Member of segment</span>
          <Picker
            label="Segment"
            placeholder={choices.segments.length ? "Choose a segment" : "No other segment is saved"}
            value={leaf.segment}
            choices={saved(choices.segments, leaf.segment)}
            onPick={(segment) => onChange({ ...leaf, segment })}
            disabled={disabled}
            part="first"
          />
        </div>
      );
    case "campaign":
      return (
        <div className="re-boxes">
          <Select
            label="Outcome of the campaign"
            value={leaf.outcome}
            options={choices.outcomes.map(({ name, label }) => ({
              value: name,
              label: capital(label),
            }))}
            onChange={(outcome) => onChange({ ...leaf, outcome })}
            disabled={disabled}
            part="first"
          />
          <Picker
            label="Campaign"
            placeholder={choices.campaigns.length ? "Choose a campaign" : "There is no campaign yet"}
            value={leaf.campaign}
            choices={saved(choices.campaigns, leaf.campaign)}
            onPick={(campaign) => onChange({ ...leaf, campaign })}
            disabled={disabled}
          />
        </div>
      );
    case "random":
      return (
        <div className="re-boxes">
          <span className="re-word">Random share from</span>
          {(["from", "to"] as const).map((end) => (
            <span key={end} className="re-percent">
              {end === "to" && <span className="re-word">to</span>}
              <input
                type="text"
                inputMode="decimal"
                className="re-box re-n"
                aria-label={`Random share, ${end} percent`}
                aria-invalid={invalid || undefined}
                autoComplete="off"
                maxLength={6}
                value={leaf[end]}
                disabled={disabled}
                data-part={end === "from" ? "first" : undefined}
                onChange={(event) =>
                  onChange({ ...leaf, [end]: numeric(event.target.value) }, end)
                }
              />
              <span className="re-word">%</span>
            </span>
          ))}
          <label className="re-word re-draw">
            of the draw
            <input
              type="text"
              className="re-box re-salt"
              title="Shares of the same draw do not overlap; another name draws anew"
              aria-label="Random share, name of the draw"
              autoComplete="off"
              spellCheck={false}
              maxLength={200}
              value={leaf.salt}
              disabled={disabled}
              onChange={(event) => onChange({ ...leaf, salt: event.target.value }, "salt")}
            />
          </label>
        </div>
      );
    case "kept":
      return (
        <div className="re-kept" tabIndex={-1} data-part="first">
          <p>This part has no boxes here. It stays as it is, and can be edited as JSON.</p>
          <pre>{JSON.stringify(leaf.document, null, 1)}</pre>
        </div>
      );
  }
}

function saved(list: readonly Saved[], id: string) {
  const gone = id !== "" && !list.some((one) => one.id === id);
  const listed = gone ? [...list, { id, name: `${id} (gone)` }] : list;
  return listed.map((one) => ({ value: one.id, label: one.name }));
}
