/**
 * Drag and drop for react-querybuilder, on pragmatic-drag-and-drop.
 *
 * Its own adapter lets go only below a rule or at the head of a group, so nothing could be put
 * after a group, nor before the first rule. This one tells the halves of a row, and the head and
 * foot of a group, apart; and it refuses what the rule's limits and locks do not allow.
 */

import { combine } from "@atlaskit/pragmatic-drag-and-drop/combine";
import {
  draggable,
  dropTargetForElements,
  monitorForElements,
} from "@atlaskit/pragmatic-drag-and-drop/element/adapter";
import { pointerOutsideOfPreview } from "@atlaskit/pragmatic-drag-and-drop/element/pointer-outside-of-preview";
import { setCustomNativeDragPreview } from "@atlaskit/pragmatic-drag-and-drop/element/set-custom-native-drag-preview";
import type { DndAdapter } from "@react-querybuilder/dnd";
import { useCallback, useEffect, useRef, useState } from "react";
import type { Ref } from "react";
import { find, locked } from "../model/edits";
import { capital } from "../model/choices";
import { nodeWords } from "../model/words";
import { STAYED, drop, dropRefusal } from "../state/actions";
import { edgeAt, placeAt } from "../state/drag";
import type { Edge, Zone } from "../state/drag";
import type { Editor } from "../state/editor";

export interface Over {
  edge: Edge;
  refused: boolean;
}

/** What a row or a group gets beside react-querybuilder's own props. */
export interface DropProps {
  over?: Over | null;
  footRef?: Ref<HTMLDivElement>;
  isDragging?: boolean;
}

export function createAdapter(editor: Editor): DndAdapter {
  const mine = (data: Record<string | symbol, unknown>): boolean => data["editor"] === editor;

  function useZones(id: string, isRoot: boolean) {
    const whole = useRef<HTMLElement | null>(null);
    const handle = useRef<HTMLElement | null>(null);
    const row = useRef<HTMLElement | null>(null);
    const foot = useRef<HTMLElement | null>(null);
    const [isDragging, setDragging] = useState(false);
    const [over, setOver] = useState<Over | null>(null);

    useEffect(() => {
      const zone = (element: HTMLElement | null, name: Zone) => {
        if (!element) return () => {};
        return dropTargetForElements({
          element,
          canDrop: ({ source }) => mine(source.data),
          getData: ({ input }) => {
            const box = element.getBoundingClientRect();
            const height = box.height ? (input.clientY - box.top) / box.height : 0;
            return { editor, id, edge: edgeAt(name, height, isRoot) };
          },
          onDrag: ({ self, source, location }) => {
            const inner = location.current.dropTargets[0]?.element === self.element;
            const edge = self.data["edge"] as Edge;
            setOver((was) => {
              if (!inner) return null;
              const refused = refusal(String(source.data["id"]), id, edge) !== "";
              return was?.edge === edge && was.refused === refused ? was : { edge, refused };
            });
          },
          onDragLeave: () => setOver(null),
          onDrop: () => setOver(null),
        });
      };
      const drag =
        whole.current && handle.current && !isRoot
          ? draggable({
              element: whole.current,
              dragHandle: handle.current,
              canDrag: () => !locked(editor.current().root, id),
              getInitialData: () => ({ editor, id }),
              onGenerateDragPreview: ({ nativeSetDragImage }) =>
                setCustomNativeDragPreview({
                  nativeSetDragImage,
                  getOffset: pointerOutsideOfPreview({ x: "14px", y: "10px" }),
                  render: ({ container }) => ghost(container, id, whole.current),
                }),
              onDragStart: () => setDragging(true),
              onDrop: () => setDragging(false),
            })
          : () => {};
      return combine(drag, zone(row.current, isGroupZone(whole, row)), zone(foot.current, "foot"));
    }, [id, isRoot]);

    return { whole, handle, row, foot, isDragging, over };
  }

  function refusal(dragged: string, target: string, edge: Edge): string {
    const place = placeAt(editor.current().root, target, edge);
    return place ? dropRefusal(editor, dragged, place) : "It cannot be put there.";
  }

  function ghost(container: HTMLElement, id: string, from: HTMLElement | null): void {
    const { root, choices } = editor.current();
    const node = find(root, id);
    const looks = getComputedStyle(from?.closest(".re-root") ?? document.body);
    container.textContent = node ? capital(nodeWords(node, choices)) : "";
    Object.assign(container.style, {
      font: looks.font,
      color: looks.getPropertyValue("--re-text"),
      background: looks.getPropertyValue("--re-surface"),
      border: `1px solid ${looks.getPropertyValue("--re-accent")}`,
      borderRadius: "8px",
      padding: "6px 12px",
      maxWidth: "340px",
      overflow: "hidden",
      textOverflow: "ellipsis",
      whiteSpace: "nowrap",
    });
  }

  function useMonitor(): void {
    useEffect(
      () =>
        monitorForElements({
          canMonitor: ({ source }) => mine(source.data),
          onDragStart: ({ source }) => {
            const { root, choices } = editor.current();
            const node = find(root, String(source.data["id"]));
            if (node) editor.refuse(`Dragging: ${nodeWords(node, choices)}`);
          },
          onDrop: ({ source, location }) => {
            const target = location.current.dropTargets[0];
            if (!target) return editor.refuse(STAYED);
            const { root } = editor.current();
            const place = placeAt(root, String(target.data["id"]), target.data["edge"] as Edge);
            if (place) drop(editor, String(source.data["id"]), place);
          },
        }),
      [],
    );
  }

  return {
    DndProvider: ({ children }) => {
      useMonitor();
      return children;
    },
    useRuleDnD: ({ rule }) => {
      const zones = useZones(rule.id ?? "", false);
      const { whole, row } = zones;
      const dndRef = useCallback(
        (element: HTMLDivElement | null) => {
          whole.current = element;
          row.current = element;
        },
        [whole, row],
      );
      return {
        dragMonitorId: "",
        dropMonitorId: "",
        isOver: zones.over !== null,
        isDragging: zones.isDragging,
        over: zones.over,
        dragRef: zones.handle as Ref<HTMLSpanElement>,
        dndRef,
      };
    },
    useRuleGroupDnD: ({ ruleGroup, path }) => {
      const zones = useZones(ruleGroup.id ?? "", path.length === 0);
      return {
        dragMonitorId: "",
        dropMonitorId: "",
        isOver: zones.over !== null,
        isDragging: zones.isDragging,
        over: zones.over,
        previewRef: zones.whole as Ref<HTMLDivElement>,
        dragRef: zones.handle as Ref<HTMLSpanElement>,
        dropRef: zones.row as Ref<HTMLDivElement>,
        footRef: zones.foot as Ref<HTMLDivElement>,
      };
    },
    useInlineCombinatorDnD: () => ({ isOver: false, dropMonitorId: null, dropRef: null }),
  };
}

function isGroupZone(
  whole: { current: HTMLElement | null },
  row: { current: HTMLElement | null },
): Zone {
  return whole.current === row.current ? "row" : "head";
}
