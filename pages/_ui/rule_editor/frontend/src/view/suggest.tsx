/** A text box that offers frequent values; anything else can be typed. */

import { useCallback, useRef, useState } from "react";
import { Listbox, useListKeys } from "./listbox";
import type { Choice } from "./listbox";
import { Popup } from "./popup";

const MOST = 50;

interface Props {
  label: string;
  value: string;
  placeholder: string;
  suggestions: readonly string[];
  onType: (text: string) => void;
  disabled: boolean;
  invalid: boolean;
}

export function Suggest(props: Props) {
  const { label, value, placeholder, suggestions, onType, disabled, invalid } = props;
  const [open, setOpen] = useState(false);
  const box = useRef<HTMLInputElement>(null);
  const close = useCallback(() => setOpen(false), []);
  const found = offered(suggestions, value, []);
  const keys = useListKeys(found, -1);
  const shown = open && found.length > 0 && !(found.length === 1 && found[0]?.value === value);
  const pick = (text: string): void => {
    onType(text);
    setOpen(false);
    keys.setActive(-1);
  };
  return (
    <>
      <input
        ref={box}
        type="text"
        className="re-box re-text"
        role={suggestions.length ? "combobox" : undefined}
        aria-label={label}
        aria-expanded={suggestions.length ? shown : undefined}
        aria-controls={shown ? keys.listId : undefined}
        aria-activedescendant={shown ? keys.activeId : undefined}
        aria-invalid={invalid || undefined}
        autoComplete="off"
        spellCheck={false}
        maxLength={1000}
        placeholder={placeholder}
        value={value}
        disabled={disabled}
        onChange={(event) => {
          onType(event.target.value);
          setOpen(true);
          keys.setActive(-1);
        }}
        onClick={() => setOpen(true)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === "ArrowDown" && !shown) setOpen(true);
          if (shown && keys.onKey(event)) return;
          const active = found[keys.active];
          if (event.key === "Enter" && shown && active) pick(active.value);
          else if (event.key === "Escape" && shown) setOpen(false);
          else if (event.key === "Tab") setOpen(false);
        }}
      />
      {shown && (
        <Popup anchor={box} onClose={close}>
          <Listbox
            id={keys.listId}
            label={`Frequent values: ${label}`}
            choices={found}
            active={keys.active}
            onPick={pick}
          />
        </Popup>
      )}
    </>
  );
}

/** The suggestions that hold the text and were not taken yet, those that begin with it first. */
export function offered(
  suggestions: readonly string[],
  text: string,
  taken: readonly string[],
): Choice[] {
  const wanted = text.trim().toLowerCase();
  const free = suggestions.filter(
    (one) => !taken.includes(one) && one.toLowerCase().includes(wanted),
  );
  const begins = (one: string): number => Number(!one.toLowerCase().startsWith(wanted));
  return free
    .toSorted((one, other) => begins(one) - begins(other))
    .slice(0, MOST)
    .map((one) => ({ value: one, label: one }));
}
