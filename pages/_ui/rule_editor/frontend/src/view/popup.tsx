/** A layer over the page, beside what it belongs to. Nothing clips it, and it keeps the theme. */

import { useEffect, useLayoutEffect, useRef } from "react";
import type { ReactNode, RefObject } from "react";

const GAP = 4;
const MARGIN = 8;

interface Props {
  anchor: RefObject<HTMLElement | null>;
  /** Called for a press outside and for the focus leaving. */
  onClose: () => void;
  wide?: boolean;
  children: ReactNode;
}

export function Popup({ anchor, onClose, wide, children }: Props) {
  const layer = useRef<HTMLDivElement>(null);

  useLayoutEffect(() => {
    const element = layer.current;
    if (!element) return () => {};
    // A browser without layers draws it in place, which is less tidy and works.
    element.showPopover?.();
    const place = (): void => settle(element, anchor.current, wide === true);
    place();
    const watch = new ResizeObserver(place);
    watch.observe(element);
    window.addEventListener("scroll", place, true);
    window.addEventListener("resize", place);
    return () => {
      watch.disconnect();
      window.removeEventListener("scroll", place, true);
      window.removeEventListener("resize", place);
    };
  }, [anchor, wide]);

  useEffect(() => {
    const outside = (event: Event): void => {
      const target = event.target as globalThis.Node;
      if (!layer.current?.contains(target) && !anchor.current?.contains(target)) onClose();
    };
    document.addEventListener("pointerdown", outside, true);
    document.addEventListener("focusin", outside, true);
    return () => {
      document.removeEventListener("pointerdown", outside, true);
      document.removeEventListener("focusin", outside, true);
    };
  }, [anchor, onClose]);

  return (
    <div ref={layer} className="re-popup" popover="manual">
      {children}
    </div>
  );
}

/** Below the anchor, or above it where there is more room; never past the window's sides. */
function settle(element: HTMLElement, anchor: HTMLElement | null, wide: boolean): void {
  if (!anchor) return;
  const at = anchor.getBoundingClientRect();
  element.style.minWidth = `${Math.max(at.width, wide ? 260 : 0)}px`;
  const below = window.innerHeight - at.bottom - GAP - MARGIN;
  const over = at.top - GAP - MARGIN;
  element.style.maxHeight = "none";
  const { width, height } = element.getBoundingClientRect();
  const flips = height > below && over > below;
  const room = Math.max(120, flips ? over : below);
  element.style.maxHeight = `${Math.min(room, 360)}px`;
  const shown = Math.min(height, room, 360);
  element.style.top = `${flips ? at.top - GAP - shown : at.bottom + GAP}px`;
  element.style.left = `${Math.max(MARGIN, Math.min(at.left, window.innerWidth - width - MARGIN))}px`;
}
