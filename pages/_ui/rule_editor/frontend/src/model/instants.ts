/** A moment's text as a day and a wall-clock time of the workspace's zone, and back. */

export interface Parts {
  day: string;
  /** Empty for a whole day. */
  time: string;
}

const LOCAL = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2})?)(?:\.\d+)?)?$/;
const OFFSET = /^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}.*(?:Z|[+-]\d{2}:\d{2})$/;

export function parts(text: string, zone: string): Parts {
  const local = LOCAL.exec(text);
  if (local) return { day: local[1] ?? "", time: local[2] ?? "" };
  const instant = OFFSET.test(text) ? new Date(text.replace(" ", "T")) : null;
  if (!instant || Number.isNaN(instant.getTime())) return { day: "", time: "" };
  const told = new Intl.DateTimeFormat("en-CA", {
    timeZone: zone,
    hourCycle: "h23",
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
  }).formatToParts(instant);
  const at = (type: string): string => told.find((one) => one.type === type)?.value ?? "";
  const seconds = at("second") === "00" ? "" : `:${at("second")}`;
  return {
    day: `${at("year")}-${at("month")}-${at("day")}`,
    time: `${at("hour")}:${at("minute")}${seconds}`,
  };
}

/** Wall-clock time without an offset is the workspace's, by the rule language. */
export function moment({ day, time }: Parts): string {
  return day && time ? `${day}T${time}` : day;
}
