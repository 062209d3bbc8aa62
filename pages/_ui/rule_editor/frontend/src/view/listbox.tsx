/** A list to choose from while the focus stays in a box: its rows, and the keys that move in it. */

import { useEffect, useId, useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import { Icon } from "./icons";

export interface Choice {
  value: string;
  label: string;
  group?: string;
}

export interface ListKeys {
  listId: string;
  active: number;
  setActive: (index: number) => void;
  activeId: string | undefined;
  /** Moves in the list; true if the key was one of its own. */
  onKey: (event: KeyboardEvent) => boolean;
}

/** `start` is the row that Enter takes before an arrow was pressed; -1 for none. */
export function useListKeys(choices: readonly Choice[], start: number): ListKeys {
  const listId = useId();
  const [active, setActive] = useState(start);
  const shown = Math.min(active, choices.length - 1);
  const onKey = (event: KeyboardEvent): boolean => {
    const last = choices.length - 1;
    if (last < 0) return false;
    if (event.key === "ArrowDown") setActive(shown >= last ? 0 : shown + 1);
    else if (event.key === "ArrowUp") setActive(shown <= 0 ? last : shown - 1);
    else return false;
    event.preventDefault();
    return true;
  };
  const activeId = shown < 0 ? undefined : `${listId}-${shown}`;
  return { listId, active: shown, setActive, activeId, onKey };
}

interface Props {
  id: string;
  label: string;
  choices: readonly Choice[];
  active: number;
  chosen?: string;
  onPick: (value: string) => void;
  none?: string;
}

export function Listbox({ id, label, choices, active, chosen, onPick, none }: Props) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.querySelector("[data-active]")?.scrollIntoView({ block: "nearest" });
  }, [active]);
  return (
    <div ref={list} id={id} role="listbox" aria-label={label} className="re-list">
      {choices.map((one, index) => (
        <div key={one.value} role="presentation">
          {one.group !== undefined && one.group !== choices[index - 1]?.group && (
            <div className="re-list-head" role="presentation">
              {one.group}
            </div>
          )}
          <div
            id={`${id}-${index}`}
            role="option"
            aria-selected={one.value === chosen}
            aria-label={one.group === undefined ? undefined : `${one.label}, ${one.group}`}
            className="re-option"
            data-active={index === active || undefined}
            // The press would take the focus from the box.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => onPick(one.value)}
          >
            <span>{one.label}</span>
            {one.value === chosen && <Icon name="check" />}
          </div>
        </div>
      ))}
      {choices.length === 0 && none !== undefined && <div className="re-none">{none}</div>}
    </div>
  );
}
