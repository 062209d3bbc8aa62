/** One of many, grouped, with a box to search in. */

import { useCallback, useEffect, useRef, useState } from "react";
import { Icon } from "./icons";
import { Listbox, useListKeys } from "./listbox";
import type { Choice } from "./listbox";
import { Popup } from "./popup";

interface Props {
  label: string;
  placeholder: string;
  value: string;
  choices: readonly Choice[];
  onPick: (value: string) => void;
  disabled: boolean;
  part?: string;
}

export function Picker({ label, placeholder, value, choices, onPick, disabled, part }: Props) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = useCallback(() => setOpen(false), []);
  const chosen = choices.find((one) => one.value === value);
  const leave = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className="re-box re-picker"
        aria-label={`${label}: ${chosen?.label ?? (value || placeholder)}`}
        aria-haspopup="listbox"
        aria-expanded={open}
        disabled={disabled}
        data-part={part}
        data-empty={value === "" || undefined}
        onClick={() => setOpen(!open)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" || open) return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        <span>{chosen?.label ?? (value || placeholder)}</span>
        <Icon name="chevron" />
      </button>
      {open && (
        <Popup anchor={button} onClose={close} wide>
          <Search
            label={label}
            value={value}
            choices={choices}
            onLeave={leave}
            onPick={(picked) => {
              leave();
              onPick(picked);
            }}
          />
        </Popup>
      )}
    </>
  );
}

interface SearchProps {
  label: string;
  value: string;
  choices: readonly Choice[];
  onPick: (value: string) => void;
  onLeave: () => void;
}

function Search({ label, value, choices, onPick, onLeave }: SearchProps) {
  const [text, setText] = useState("");
  const found = matching(choices, text);
  const keys = useListKeys(found, 0);
  const box = useRef<HTMLInputElement>(null);
  // The layer is shown by now; React's own autoFocus comes before that.
  useEffect(() => box.current?.focus(), []);
  return (
    <>
      <label className="re-search">
        <Icon name="search" />
        <input
          ref={box}
          type="text"
          role="combobox"
          aria-label={`Search: ${label}`}
          aria-expanded="true"
          aria-controls={keys.listId}
          aria-activedescendant={keys.activeId}
          aria-autocomplete="list"
          autoComplete="off"
          placeholder="Search"
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            keys.setActive(0);
          }}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            const active = found[keys.active];
            if (keys.onKey(event)) return;
            if (event.key === "Enter" && active) onPick(active.value);
            else if (event.key === "Escape" || event.key === "Tab") onLeave();
            else return;
            if (event.key !== "Tab") event.preventDefault();
            event.stopPropagation();
          }}
        />
      </label>
      <Listbox
        id={keys.listId}
        label={label}
        choices={found}
        active={keys.active}
        chosen={value}
        onPick={onPick}
        none="Nothing is called that"
      />
    </>
  );
}

/** Every word must occur in the label, the group or the name. */
function matching(choices: readonly Choice[], text: string): readonly Choice[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return choices.filter((one) => {
    const said = `${one.label} ${one.group ?? ""} ${one.value}`.toLowerCase();
    return words.every((word) => said.includes(word));
  });
}
