/** Whether the theme around is dark: native lists and date pickers ask for it by name. */

export function paint(host: HTMLElement): void {
  const surface = getComputedStyle(host).getPropertyValue("--st-background-color").trim();
  host.style.colorScheme = isDark(surface) ? "dark" : "light";
}

/** `#rgb` or `#rrggbb`; anything else counts as light. */
export function isDark(colour: string): boolean {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})/i.exec(colour)?.[1];
  if (!hex) return false;
  const wide = hex.length === 3 ? [...hex].map((one) => one + one).join("") : hex;
  const [red = 255, green = 255, blue = 255] = [0, 2, 4].map((at) =>
    parseInt(wide.slice(at, at + 2), 16),
  );
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue < 128;
}
