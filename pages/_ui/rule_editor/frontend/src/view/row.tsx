/** One part of a rule that is no group: its grip, its boxes, its figures, its buttons. */

import { memo } from "react";
import type { Ref } from "react";
import type { RuleProps } from "react-querybuilder";
import { capital } from "../model/choices";
import { lacks } from "../model/incomplete";
import type { Rule } from "../model/tree";
import { leafWords } from "../model/words";
import type { Choices, Note } from "../protocol";
import { setLeaf } from "../state/actions";
import { useEditor, useSnapshot } from "../state/context";
import type { DropProps, Over } from "./dnd";
import { Icon } from "./icons";
import { LeafBoxes } from "./leaf";
import { Figures, Remarks } from "./note";
import { Tools } from "./tools";

export function Row(props: RuleProps & DropProps) {
  const { choices, notes } = useSnapshot();
  const { rule, over, isDragging, parentDisabled, parentMuted, dndRef, dragRef } = props;
  return (
    <Body
      rule={rule as Rule}
      note={notes[rule.id ?? ""]}
      choices={choices}
      over={over ?? null}
      isDragging={isDragging === true}
      within={parentDisabled === true}
      offWithin={parentMuted === true}
      rowRef={dndRef as Ref<HTMLDivElement>}
      gripRef={dragRef as Ref<HTMLSpanElement>}
    />
  );
}

interface BodyProps {
  rule: Rule;
  note: Note | undefined;
  choices: Choices;
  over: Over | null;
  isDragging: boolean;
  within: boolean;
  offWithin: boolean;
  rowRef: Ref<HTMLDivElement>;
  gripRef: Ref<HTMLSpanElement>;
}

/** Drawn anew only where something of its own changed: with 180 rows, a letter that is typed is on
 * the screen after about 30 ms then, and not after 60 to 280. */
const Body = memo(function Body(props: BodyProps) {
  const editor = useEditor();
  const { rule, note, choices, over, isDragging, within, offWithin } = props;
  const { id, value: leaf } = rule;
  const locked = rule.disabled === true;
  const off = rule.muted === true;
  const words = leafWords(leaf, choices);
  return (
    <div
      ref={props.rowRef}
      className="re-row"
      role="group"
      aria-label={`${capital(words)}${off ? ", switched off" : ""}${locked ? ", locked" : ""}`}
      data-node={id}
      data-off={off || offWithin || undefined}
      data-locked={locked || within || undefined}
      data-dragging={isDragging || undefined}
      data-over={over?.edge}
      data-refused={over?.refused || undefined}
      data-problem={note?.problem ? true : undefined}
    >
      <Grip gripRef={props.gripRef} state={locked ? "locked" : within ? "within" : "free"} />
      <LeafBoxes
        leaf={leaf}
        choices={choices}
        disabled={locked || within}
        invalid={note?.problem !== undefined && note.problem !== ""}
        onChange={(changed, typing) => setLeaf(editor, id, changed, typing)}
      />
      <span className="re-side">
        <Figures note={note} off={off} locale={choices.locale} />
        <Tools {...{ editor, id, words, off, locked, within }} isRoot={false} />
      </span>
      <Remarks note={note} lacks={off ? "" : lacks(leaf, choices)} />
    </div>
  );
}, unchanged);

function unchanged(before: BodyProps, after: BodyProps): boolean {
  const { note: old, ...others } = before;
  const same = Object.entries(others).every(([key, value]) =>
    Object.is(value, after[key as keyof BodyProps]),
  );
  const now = after.note;
  return (
    same &&
    old?.problem === now?.problem &&
    old?.count === now?.count &&
    old?.removed === now?.removed &&
    old?.added === now?.added &&
    old?.pending === now?.pending
  );
}

interface GripProps {
  gripRef: Ref<HTMLSpanElement>;
  state: "free" | "locked" | "within";
}

/** For the pointer only: from the keyboard the buttons move a part. */
export function Grip({ gripRef, state }: GripProps) {
  return (
    <span
      ref={gripRef}
      className="re-grip"
      data-part="grip"
      data-state={state}
      title={state === "free" ? "Drag to move" : "Locked"}
      aria-hidden="true"
    >
      <Icon name={state === "free" ? "grip" : "lock"} />
    </span>
  );
}
