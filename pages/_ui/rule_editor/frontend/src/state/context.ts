/** How the parts on screen reach the editor. */

import { createContext, useContext, useSyncExternalStore } from "react";
import type { Editor, Snapshot } from "./editor";

export const EditorContext = createContext<Editor | null>(null);

export function useEditor(): Editor {
  const editor = useContext(EditorContext);
  if (!editor) throw new Error("outside of the rule editor");
  return editor;
}

export function useSnapshot(): Snapshot {
  const editor = useEditor();
  return useSyncExternalStore(editor.subscribe, editor.current);
}
