// Runs the rule editor at every run of the page, once its module is there. The module (about
// 460 KB) comes with a component of its own that never changes, so that Streamlit sends it once
// for a tab and not with every edit; this is all that goes along with the rule.
const NAME = Symbol.for("rule-editor");
const waiting = new WeakMap();

export default function load(component) {
  const place = component.parentElement;
  const run = globalThis[NAME]?.run;
  if (run) {
    waiting.delete(place);
    run(component);
  } else {
    if (!waiting.has(place)) (globalThis[NAME] ??= { queue: [] }).queue.push(() => {
      const last = waiting.get(place);
      waiting.delete(place);
      if (last) globalThis[NAME].run(last);
    });
    waiting.set(place, component);
  }
  return () => {
    waiting.delete(place);
    globalThis[NAME]?.leave?.(place);
  };
}
