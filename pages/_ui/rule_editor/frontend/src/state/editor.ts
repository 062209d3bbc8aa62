/** The editor's own state. Typing and dragging never wait for the server. */

import { edited, redone, rested, started, undone } from "../model/history";
import type { History } from "../model/history";
import { incomplete } from "../model/incomplete";
import { read, same } from "../model/read";
import type { Group } from "../model/tree";
import { write } from "../model/write";
import type { Choices, Data, Edit, Note } from "../protocol";
import { Emitter } from "./emitter";

/** Where the focus goes once the screen shows the edit: a part of a node. */
export interface Focus {
  id: string;
  part: string;
}

export interface Snapshot {
  root: Group;
  undo: boolean;
  redo: boolean;
  choices: Choices;
  notes: { [id: string]: Note };
  label: string;
  /** What the live region says; `turn` tells two equal sayings apart. */
  saying: { text: string; turn: number };
  focus: Focus | null;
}

export interface Told {
  say?: string;
  focus?: Focus;
  /** The box that is typed in, where the edit is typing. */
  typing?: string;
}

export class Editor {
  private history: History;
  private revision: number;
  private readonly seen: Set<number>;
  private serial: number;
  private choices: Choices;
  private notes: { [id: string]: Note };
  private label: string;
  private saying = { text: "", turn: 0 };
  private focus: Focus | null = null;
  private shown: Snapshot;
  private readonly listeners = new Set<() => void>();
  private readonly emitter = new Emitter(() => this.emit());
  private sender: (edit: Edit) => void;

  constructor(data: Data, sender: (edit: Edit) => void) {
    const { root, named } = read(data.document, data.choices);
    this.history = started(root);
    this.revision = data.revision;
    this.seen = new Set([data.revision]);
    this.serial = data.serial;
    this.choices = data.choices;
    this.notes = data.notes;
    this.label = data.label;
    this.sender = sender;
    this.shown = this.snapshot();
    this.tell(named);
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly current = (): Snapshot => this.shown;

  /** Take what Python passed at a run. An echo of an edit changes nothing that is on screen. */
  receive(data: Data, sender: (edit: Edit) => void): void {
    this.sender = sender;
    this.serial = Math.max(this.serial, data.serial);
    this.choose(data.choices);
    this.notes = data.notes;
    this.label = data.label;
    if (!this.seen.has(data.revision)) this.adopt(data);
    this.show();
  }

  edit(root: Group, told: Told = {}): void {
    const before = this.history;
    this.history = edited(before, root, told.typing ?? null);
    if (this.history === before) return;
    this.say(told.say ?? "");
    this.focus = told.focus ?? null;
    this.show();
    if (told.typing === undefined) this.emitter.now();
    else this.emitter.soon();
  }

  /** Say something where nothing changed, such as why not. */
  refuse(text: string): void {
    this.say(text);
    this.show();
  }

  undo(): void {
    this.travel(undone(this.history), "Undone", "There is nothing to undo");
  }

  redo(): void {
    this.travel(redone(this.history), "Done again", "There is nothing to do again");
  }

  /** The box that was typed in is left: what waits is sent, and the next letter is a new edit. */
  rest(): void {
    this.history = rested(this.history, (one, other) =>
      same(write(one, this.choices), write(other, this.choices)),
    );
    this.emitter.flush();
    if (this.shown.undo !== this.history.past.length > 0) this.show();
  }

  focused(): void {
    this.focus = null;
  }

  /** Take the catalogue; where a field came, went or changed its type the rule is read anew. */
  private choose(choices: Choices): void {
    const before = this.choices;
    if (same(before as never, choices as never)) return;
    this.choices = choices;
    if (typed(before) === typed(choices)) return;
    const { root } = read(write(this.history.present, before), choices);
    this.history = { ...this.history, present: root };
  }

  private adopt(data: Data): void {
    this.emitter.flush();
    this.seen.add(data.revision);
    this.revision = data.revision;
    const { root, named } = read(data.document, data.choices);
    const unchanged = same(write(root, data.choices), write(this.history.present, this.choices));
    if (!unchanged) this.history = edited(this.history, root, null);
    this.tell(named);
  }

  /** Tell Python what it could not know of a document: ids that were missing, what is unfinished. */
  private tell(named: boolean): void {
    if (named || incomplete(this.history.present, this.choices).length > 0) this.emitter.soon();
  }

  private travel(to: History, done: string, nothing: string): void {
    const moved = to !== this.history;
    this.history = to;
    this.say(moved ? done : nothing);
    this.focus = null;
    this.show();
    if (moved) this.emitter.now();
  }

  private say(text: string): void {
    if (text) this.saying = { text, turn: this.saying.turn + 1 };
  }

  private emit(): void {
    this.serial += 1;
    const root = this.history.present;
    this.sender({
      serial: this.serial,
      revision: this.revision,
      document: write(root, this.choices),
      incomplete: incomplete(root, this.choices),
    });
  }

  private show(): void {
    this.shown = this.snapshot();
    for (const listener of this.listeners) listener();
  }

  private snapshot(): Snapshot {
    const { choices, notes, label, saying, focus } = this;
    const { present: root, past, future } = this.history;
    const [undo, redo] = [past.length > 0, future.length > 0];
    return { root, undo, redo, choices, notes, label, saying, focus };
  }
}

/** The fields and their types, as one text. */
function typed({ fields, order_fields }: Choices): string {
  return JSON.stringify([...fields, ...order_fields].map((one) => [one.name, one.type]));
}
