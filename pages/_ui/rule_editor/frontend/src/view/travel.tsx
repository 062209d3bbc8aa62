/** Undo and redo. */

import { useEditor, useSnapshot } from "../state/context";
import { Icon } from "./icons";

export function Travel() {
  const editor = useEditor();
  const { undo, redo } = useSnapshot();
  return (
    <span className="re-travel">
      <button
        type="button"
        className="re-tool"
        aria-label="Undo"
        title="Undo (Ctrl+Z)"
        aria-disabled={!undo}
        data-part="undo"
        onClick={() => editor.undo()}
      >
        <Icon name="undo" />
      </button>
      <button
        type="button"
        className="re-tool"
        aria-label="Redo"
        title="Redo (Ctrl+Shift+Z)"
        aria-disabled={!redo}
        data-part="redo"
        onClick={() => editor.redo()}
      >
        <Icon name="redo" />
      </button>
    </span>
  );
}
