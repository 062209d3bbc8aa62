/** A button with a menu: arrows, Home and End move in it, Escape and Tab leave it. */

import { useCallback, useEffect, useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import { Icon } from "./icons";
import type { IconName } from "./icons";
import { Popup } from "./popup";

export interface Item {
  label: string;
  icon: IconName;
  hint?: string;
  onPick: () => void;
}

interface Props {
  label: string;
  part: string;
  icon: IconName;
  /** What the button says beside its icon, if anything. */
  text?: string;
  items: readonly Item[];
}

export function Menu({ label, part, icon, text, items }: Props) {
  const [open, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const close = useCallback(() => setOpen(false), []);
  const leave = (): void => {
    setOpen(false);
    button.current?.focus();
  };
  return (
    <>
      <button
        ref={button}
        type="button"
        className={text === undefined ? "re-tool" : "re-add"}
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={open}
        title={text === undefined ? label : undefined}
        data-part={part}
        onClick={() => setOpen(!open)}
        onKeyDown={(event) => {
          if (event.key !== "ArrowDown" || open) return;
          event.preventDefault();
          setOpen(true);
        }}
      >
        <Icon name={icon} />
        {text}
        {text !== undefined && <Icon name="chevron" />}
      </button>
      {open && (
        <Popup anchor={button} onClose={close}>
          <Items label={label} items={items} onLeave={leave} onClose={close} />
        </Popup>
      )}
    </>
  );
}

interface ItemsProps {
  label: string;
  items: readonly Item[];
  onLeave: () => void;
  onClose: () => void;
}

function Items({ label, items, onLeave, onClose }: ItemsProps) {
  const list = useRef<HTMLDivElement>(null);
  const rows = (): HTMLElement[] => [...(list.current?.querySelectorAll("button") ?? [])];
  useEffect(() => list.current?.querySelector("button")?.focus(), []);

  const key = (event: KeyboardEvent): void => {
    const all = rows();
    const at = all.indexOf(document.activeElement as HTMLElement);
    const to: { [key: string]: number } = {
      ArrowDown: (at + 1) % all.length,
      ArrowUp: (at - 1 + all.length) % all.length,
      Home: 0,
      End: all.length - 1,
    };
    const next = to[event.key];
    if (event.key === "Escape") onLeave();
    else if (event.key === "Tab") return onClose();
    else if (next !== undefined) all[next]?.focus();
    else return;
    event.preventDefault();
    event.stopPropagation();
  };

  return (
    <div ref={list} role="menu" aria-label={label} onKeyDown={key}>
      {items.map((item) => (
        <button
          key={item.label}
          type="button"
          role="menuitem"
          tabIndex={-1}
          className="re-item"
          onClick={() => {
            onLeave();
            item.onPick();
          }}
        >
          <Icon name={item.icon} />
          <span>
            {item.label}
            {item.hint && <small>{item.hint}</small>}
          </span>
        </button>
      ))}
    </div>
  );
}
