/** The buttons of a part: move it, and a menu with the rest. They stay in reach when refused, so
 * that the focus is not lost; the editor says why nothing happened. */

import type { Editor } from "../state/editor";
import { duplicate, move, remove, toggleLock, toggleOff } from "../state/actions";
import { Icon } from "./icons";
import { Menu } from "./menu";
import type { Item } from "./menu";

interface Props {
  editor: Editor;
  id: string;
  words: string;
  isRoot: boolean;
  off: boolean;
  locked: boolean;
  /** Whether a group around it is locked, so that it cannot be unlocked by itself. */
  within: boolean;
}

export function Tools({ editor, id, words, isRoot, off, locked, within }: Props) {
  const still = locked || within;
  const items: Item[] = [];
  if (!isRoot && !within) {
    items.push({ label: "Duplicate", icon: "copy", onPick: () => duplicate(editor, id) });
  }
  if (!still && (!isRoot || off)) {
    items.push({
      label: off ? "Switch on" : "Switch off",
      icon: off ? "on" : "off",
      onPick: () => toggleOff(editor, id),
    });
  }
  if (!within) {
    items.push({
      label: locked ? "Unlock" : "Lock",
      icon: locked ? "unlock" : "lock",
      onPick: () => toggleLock(editor, id),
    });
  }
  const tool = (part: string, label: string, icon: "up" | "down" | "trash", act: () => void) => (
    <button
      type="button"
      className="re-tool"
      aria-label={`${label}: ${words}`}
      title={label}
      data-part={part}
      onClick={act}
    >
      <Icon name={icon} />
    </button>
  );
  return (
    <span className="re-tools">
      {!isRoot && !still && tool("up", "Move up", "up", () => move(editor, id, true))}
      {!isRoot && !still && tool("down", "Move down", "down", () => move(editor, id, false))}
      {items.length > 0 && (
        <Menu part="menu" label={`More: ${words}`} icon="more" items={items} />
      )}
      {!isRoot && !still && tool("remove", "Remove", "trash", () => remove(editor, id))}
    </span>
  );
}
