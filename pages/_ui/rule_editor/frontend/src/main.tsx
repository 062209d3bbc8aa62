/** The editor in the page: mounted once, then handed at every run what is new. */

import { createRoot } from "react-dom/client";
import type { Root } from "react-dom/client";
import type { Data, Edit } from "./protocol";
import { Editor } from "./state/editor";
import { paint } from "./theme";
import { App } from "./view/app";
import css from "./style.css";

interface Component {
  data: Data;
  parentElement: HTMLElement;
  setStateValue: (name: string, value: Edit) => void;
}

interface Mounted {
  editor: Editor;
  root: Root;
  host: HTMLElement;
  leave: () => void;
}

const mounted = new WeakMap<HTMLElement, Mounted>();

/** Where the two components of `__init__.py` meet: this module, and `../loader.js`. */
interface Meeting {
  queue?: (() => void)[];
  run?: (component: Component) => void;
  leave?: (parent: HTMLElement) => void;
}

const NAME = Symbol.for("rule-editor");

/** Streamlit calls this for the component that brings the module, which draws nothing. */
export default function publish(): void {
  const shared = globalThis as unknown as { [name: symbol]: Meeting | undefined };
  const meeting = (shared[NAME] ??= {});
  meeting.run ??= run;
  meeting.leave ??= unmount;
  for (const start of meeting.queue?.splice(0) ?? []) start();
}

function run({ data, parentElement, setStateValue }: Component): void {
  const send = (edit: Edit): void => setStateValue("edit", edit);
  const known = mounted.get(parentElement);
  if (known) {
    known.editor.receive(data, send);
    paint(known.host);
  } else {
    mounted.set(parentElement, mount(data, parentElement, send));
  }
}

function mount(data: Data, parent: HTMLElement, send: (edit: Edit) => void): Mounted {
  const host = document.createElement("div");
  host.className = "re-root";
  const style = document.createElement("style");
  style.textContent = css;
  parent.append(style, host);
  paint(host);
  const editor = new Editor(data, send);
  const rest = (): void => {
    if (document.visibilityState === "hidden") editor.rest();
  };
  document.addEventListener("visibilitychange", rest);
  window.addEventListener("pagehide", rest);
  const root = createRoot(host);
  root.render(<App editor={editor} />);
  const leave = (): void => {
    document.removeEventListener("visibilitychange", rest);
    window.removeEventListener("pagehide", rest);
    editor.rest();
    style.remove();
    host.remove();
  };
  return { editor, root, host, leave };
}

function unmount(parent: HTMLElement): void {
  const known = mounted.get(parent);
  if (!known) return;
  mounted.delete(parent);
  known.leave();
  // React refuses to be unmounted while it renders, which is when Streamlit's own React calls this.
  setTimeout(() => known.root.unmount());
}
