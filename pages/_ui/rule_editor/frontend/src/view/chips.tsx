/** Several texts: one chip each, a box for more, frequent values to choose from. */

import { useCallback, useRef, useState } from "react";
import { Icon } from "./icons";
import { Listbox, useListKeys } from "./listbox";
import { Popup } from "./popup";
import { offered } from "./suggest";

const MOST = 1000;

interface Props {
  label: string;
  texts: readonly string[];
  suggestions: readonly string[];
  /** Whether nothing but the suggestions is taken. */
  closed: boolean;
  onChange: (texts: string[]) => void;
  disabled: boolean;
  invalid: boolean;
}

export function Chips({ label, texts, suggestions, closed, onChange, disabled, invalid }: Props) {
  const [text, setText] = useState("");
  const [open, setOpen] = useState(false);
  const [refused, setRefused] = useState("");
  const field = useRef<HTMLDivElement>(null);
  const box = useRef<HTMLInputElement>(null);
  const close = useCallback(() => setOpen(false), []);
  const found = offered(suggestions, text, texts);
  const keys = useListKeys(found, closed ? 0 : -1);
  const shown = open && !disabled && found.length > 0;

  const add = (given: readonly string[]): void => {
    const known = (one: string): string | undefined =>
      closed ? suggestions.find((text) => text.toLowerCase() === one.toLowerCase()) : one;
    const asked = given.map((one) => one.trim()).filter((one) => one !== "");
    if (asked.length === 0) return setText("");
    const strange = asked.filter((one) => known(one) === undefined);
    const all = [...new Set([...texts, ...asked.flatMap((one) => known(one) ?? [])])];
    const over = all.length - MOST;
    setRefused(
      over > 0
        ? `Nothing was added: that would be ${all.length} values, and a list takes ${MOST}.`
        : strange.length > 0
          ? `Not a choice here: ${strange.slice(0, 5).join(", ")}${strange.length > 5 ? " …" : ""}`
          : "",
    );
    if (over > 0) return;
    if (all.length > texts.length) onChange(all);
    setText("");
    keys.setActive(closed ? 0 : -1);
  };
  const take = (index: number): void => {
    onChange(texts.toSpliced(index, 1));
    box.current?.focus();
  };

  return (
    <>
      <div
        ref={field}
        className="re-box re-chips"
        data-disabled={disabled || undefined}
        data-invalid={invalid || undefined}
        onClick={() => box.current?.focus()}
      >
        {texts.map((one, index) => (
          <span key={one} className="re-chip">
            <span>{one}</span>
            {!disabled && (
              <button
                type="button"
                aria-label={`Remove ${one} from ${label}`}
                onClick={(event) => {
                  event.stopPropagation();
                  take(index);
                }}
              >
                <Icon name="close" />
              </button>
            )}
          </span>
        ))}
        <input
          ref={box}
          type="text"
          role="combobox"
          aria-label={`${label}: add a value`}
          aria-expanded={shown}
          aria-controls={shown ? keys.listId : undefined}
          aria-activedescendant={shown ? keys.activeId : undefined}
          aria-invalid={invalid || undefined}
          autoComplete="off"
          spellCheck={false}
          maxLength={1000}
          data-alone={texts.length === 0 || undefined}
          placeholder={texts.length ? "" : closed ? "Choose" : "Type, then Enter"}
          value={text}
          disabled={disabled}
          onChange={(event) => {
            setText(event.target.value);
            setOpen(true);
            keys.setActive(closed ? 0 : -1);
          }}
          onClick={() => setOpen(true)}
          onBlur={() => add([text])}
          onPaste={(event) => {
            const pasted = event.clipboardData.getData("text");
            if (!/[,;\t\n]/.test(pasted)) return;
            event.preventDefault();
            add(pasted.split(/[,;\t\r\n]+/));
          }}
          onKeyDown={(event) => {
            if (event.nativeEvent.isComposing) return;
            if (event.key === "ArrowDown" && !shown) setOpen(true);
            if (shown && keys.onKey(event)) return;
            const active = shown ? found[keys.active] : undefined;
            if (event.key === "Enter") {
              event.preventDefault();
              add([active?.value ?? text]);
            } else if (event.key === "Escape") setOpen(false);
            else if (event.key === "Tab") setOpen(false);
            else if (event.key === "Backspace" && text === "" && texts.length) {
              onChange(texts.slice(0, -1));
            }
          }}
        />
      </div>
      {refused !== "" && (
        <p className="re-problem" role="alert">
          {refused}
        </p>
      )}
      {shown && (
        <Popup anchor={field} onClose={close}>
          <Listbox
            id={keys.listId}
            label={`Values: ${label}`}
            choices={found}
            active={keys.active}
            onPick={(picked) => {
              add([picked]);
              box.current?.focus();
            }}
          />
        </Popup>
      )}
    </>
  );
}
