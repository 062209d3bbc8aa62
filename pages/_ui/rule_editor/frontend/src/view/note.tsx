/** What the server says about a part: how many customers it leaves, or what is wrong with it. */

import type { Note } from "../protocol";
import { Icon } from "./icons";

interface FiguresProps {
  note: Note | undefined;
  off: boolean;
  locale: string;
}

export function Figures({ note, off, locale }: FiguresProps) {
  const number = new Intl.NumberFormat(locale);
  if (off) return <span className="re-figures re-badge">Off</span>;
  if (!note || (note.count === undefined && note.removed === undefined)) {
    if (!note?.pending) return null;
    return (
      <span className="re-figures re-badge">
        <span aria-hidden="true">…</span>
        <span className="re-hidden">being counted</span>
      </span>
    );
  }
  return (
    <span className="re-figures" data-pending={note.pending || undefined}>
      {note.count !== undefined && (
        <span className="re-badge">
          <span className="re-verb">{note.added === undefined ? "leaves " : "makes "}</span>
          <b>{number.format(note.count)}</b>
        </span>
      )}
      {note.removed !== undefined && note.removed > 0 && (
        <span className="re-badge re-removed">
          <span className="re-hidden">takes away </span>
          <span aria-hidden="true">−</span>
          {number.format(note.removed)}
        </span>
      )}
      {note.added !== undefined && note.added > 0 && (
        <span className="re-badge re-added">
          <span className="re-hidden">brings in </span>
          <span aria-hidden="true">+</span>
          {number.format(note.added)}
        </span>
      )}
    </span>
  );
}

/** An alert is read out when it comes up and takes no focus. */
export function Remarks({ note, lacks }: { note: Note | undefined; lacks: string }) {
  return (
    <>
      {note?.problem && (
        <p className="re-problem" role="alert">
          <Icon name="alert" />
          {note.problem}
        </p>
      )}
      {!note?.problem && lacks && (
        <p className="re-lacks">Needs {lacks}; not counted until it has one.</p>
      )}
    </>
  );
}
