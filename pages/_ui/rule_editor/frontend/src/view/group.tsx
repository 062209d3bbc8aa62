/** A group: how its parts combine, the parts, and what can be added. */

import type { Ref } from "react";
import type { RuleGroupProps } from "react-querybuilder";
import { RuleGroupBodyComponents, useRuleGroup } from "react-querybuilder";
import { capital } from "../model/choices";
import type { Group } from "../model/tree";
import { HOWS, howOf, nodeWords } from "../model/words";
import { add, setHow } from "../state/actions";
import type { Added } from "../state/actions";
import type { Editor } from "../state/editor";
import { useEditor, useSnapshot } from "../state/context";
import type { DropProps } from "./dnd";
import { Icon } from "./icons";
import { Menu } from "./menu";
import { Figures, Remarks } from "./note";
import { Grip } from "./row";
import { Select } from "./select";
import { Tools } from "./tools";
import { Travel } from "./travel";

export function GroupBox(props: RuleGroupProps & DropProps) {
  const editor = useEditor();
  const { choices, notes } = useSnapshot();
  const rg = useRuleGroup(props);
  const { over, footRef, isDragging } = props;
  const group = props.ruleGroup as unknown as Group;
  const { id } = group;
  const isRoot = props.path.length === 0;
  const note = notes[id] ?? notes[group.inner];
  const [locked, within] = [group.disabled === true, props.parentDisabled === true];
  const off = group.muted === true;
  const how = howOf(group);
  const words = nodeWords(group, choices);
  return (
    <div
      ref={props.previewRef as Ref<HTMLDivElement>}
      className="re-group"
      role="group"
      aria-label={isRoot ? `The whole rule: ${words}` : capital(words)}
      data-node={id}
      data-root={isRoot || undefined}
      data-how={how.value}
      data-depth={props.path.length % 2 ? "odd" : "even"}
      data-off={off || props.parentMuted || undefined}
      data-locked={locked || within || undefined}
      data-dragging={isDragging || undefined}
      data-over={over?.edge}
      data-refused={over?.refused || undefined}
    >
      <div className="re-head" ref={props.dropRef as Ref<HTMLDivElement>}>
        {!isRoot && (
          <Grip
            gripRef={props.dragRef as Ref<HTMLSpanElement>}
            state={locked ? "locked" : within ? "within" : "free"}
          />
        )}
        <Select
          className="re-how"
          label={`How ${isRoot ? "the whole rule" : "this group"} combines its parts`}
          value={how.value}
          options={HOWS}
          onChange={(value) => {
            const chosen = HOWS.find((one) => one.value === value);
            if (chosen) setHow(editor, id, chosen.how, chosen.not);
          }}
          disabled={locked || within}
          part={isRoot ? "how" : "first"}
        />
        <span className="re-word">{group.rules.length === 1 ? "this" : "these"}</span>
        <span className="re-side">
          <Figures note={note} off={off} locale={choices.locale} />
          {isRoot && <Travel />}
          <Tools {...{ editor, id, words, isRoot, off, locked, within }} />
        </span>
        <Remarks note={note} lacks="" />
      </div>
      <div className="re-body" data-joint={how.joint}>
        <RuleGroupBodyComponents {...rg} />
        {group.rules.length === 0 && (
          <p className="re-empty">
            {how.joint === "and" !== how.not
              ? "Empty: this holds everyone."
              : "Empty: this holds no one."}
          </p>
        )}
      </div>
      <div className="re-foot" ref={footRef}>
        {!locked && !within && <Adding editor={editor} id={id} words={words} isRoot={isRoot} />}
      </div>
    </div>
  );
}

interface AddingProps {
  editor: Editor;
  id: string;
  words: string;
  isRoot: boolean;
}

function Adding({ editor, id, words, isRoot }: AddingProps) {
  const to = isRoot ? "the whole rule" : words;
  const button = (what: Added, text: string, part?: string) => (
    <button
      type="button"
      className="re-add"
      aria-label={`Add ${text} to ${to}`}
      data-part={part}
      onClick={() => add(editor, id, what)}
    >
      <Icon name="plus" />
      {capital(text)}
    </button>
  );
  return (
    <>
      {button("condition", "condition", "add")}
      {button("orders", "order behaviour")}
      {button("group", "group")}
      <Menu
        part="add-more"
        label={`Add a segment, campaign or random share to ${to}`}
        icon="plus"
        text="More"
        items={MORE.map((one) => ({ ...one, onPick: () => add(editor, id, one.kind) }))}
      />
    </>
  );
}

const MORE = [
  { kind: "segment", label: "Segment", hint: "Members of another segment", icon: "people" },
  { kind: "campaign", label: "Campaign", hint: "Sent, opened, clicked, held out …", icon: "send" },
  { kind: "random", label: "Random share", hint: "A stable part of everyone", icon: "share" },
] as const;
