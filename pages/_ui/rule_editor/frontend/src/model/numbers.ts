/** What may be typed where a number or an amount goes. */

const GROUPED = /^-?\d+(,\d{2,3})*,\d{3}(\.\d+)?$/;

/** Commas between thousands, or between lakhs and crores, are taken out, as are spaces and signs of
 * currencies. What else is no number stays as it was typed, for the engine to refuse: "5k" is not 5.
 */
export function numeric(text: string): string {
  const bare = text.replace(/[\s\p{Sc}]/gu, "");
  return GROUPED.test(bare) ? bare.replaceAll(",", "") : bare;
}

export function digits(text: string, most = 10): string {
  return text.replace(/\D/g, "").slice(0, most);
}
