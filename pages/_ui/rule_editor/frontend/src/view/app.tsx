/** The whole editor: the tree, its keys, its live region, and where the focus goes. */

import { QueryBuilderDnD } from "@react-querybuilder/dnd";
import { useEffect, useRef, useState } from "react";
import type { KeyboardEvent } from "react";
import { QueryBuilder } from "react-querybuilder";
import type { RuleGroupType } from "react-querybuilder";
import { EditorContext, useSnapshot } from "../state/context";
import type { Editor } from "../state/editor";
import { createAdapter } from "./dnd";
import { GroupBox } from "./group";
import { Row } from "./row";

const CONTROLS = { rule: Row, ruleGroup: GroupBox };
/** The parts of a rule that are no groups are react-querybuilder's fields. */
const KINDS = ["condition", "orders", "segment", "campaign", "random", "kept"].map((name) => ({
  name,
  label: name,
}));
const COMBINATORS = [
  { name: "all", label: "all" },
  { name: "any", label: "any" },
];
const OPERATORS = [{ name: "", label: "" }];
/** Boxes that have an undo of their own. */
const TYPED = "input, textarea";

export function App({ editor }: { editor: Editor }) {
  return (
    <EditorContext.Provider value={editor}>
      <Whole editor={editor} />
    </EditorContext.Provider>
  );
}

function Whole({ editor }: { editor: Editor }) {
  const { root, label, saying, focus } = useSnapshot();
  const [adapter] = useState(() => createAdapter(editor));
  const whole = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (!focus) return;
    editor.focused();
    const node = whole.current?.querySelector(`[data-node="${CSS.escape(focus.id)}"]`);
    const parts = [focus.part, "first", "menu", "add"];
    const found = parts
      .map((part) => own(node, part))
      .find((one): one is HTMLElement => one !== undefined);
    found?.focus();
  }, [editor, focus]);

  // What had the focus may be gone after an undo.
  const regain = (): void => {
    if (document.activeElement !== document.body) return;
    whole.current?.querySelector<HTMLElement>('[data-part="undo"]')?.focus();
  };

  const key = (event: KeyboardEvent): void => {
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    if ((event.target as HTMLElement).matches(TYPED)) return;
    const letter = event.key.toLowerCase();
    if (letter === "z" && !event.shiftKey) editor.undo();
    else if (letter === "y" || letter === "z") editor.redo();
    else return;
    event.preventDefault();
    event.stopPropagation();
    requestAnimationFrame(regain);
  };

  return (
    <div
      ref={whole}
      className="re-whole"
      role="group"
      aria-label={label}
      onKeyDown={key}
      onBlur={() => editor.rest()}
    >
      <QueryBuilderDnD dnd={adapter} controlElements={CONTROLS as never}>
        <QueryBuilder
          query={root as unknown as RuleGroupType}
          fields={KINDS}
          operators={OPERATORS}
          combinators={COMBINATORS}
          enableMountQueryChange={false}
          suppressStandardClassnames
        />
      </QueryBuilderDnD>
      <div className="re-hidden" role="status" aria-live="polite">
        <span key={saying.turn}>{saying.text}</span>
      </div>
    </div>
  );
}

/** A part of this node that does not belong to one below it. */
function own(node: Element | null | undefined, part: string): HTMLElement | undefined {
  const found = node?.querySelectorAll<HTMLElement>(`[data-part="${part}"]`) ?? [];
  return [...found].find((one) => one.closest("[data-node]") === node && one.matches(
    "button, input, select, [tabindex]",
  ));
}
