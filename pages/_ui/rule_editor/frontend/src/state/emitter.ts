/** When an edit is sent: at once, or a moment after the last letter. None is lost. */

const TYPING_MS = 120;

export class Emitter {
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** `send` says what there is when it is called. */
  constructor(private readonly send: () => void) {}

  now(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.send();
  }

  soon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.now(), TYPING_MS);
  }

  /** Send what waits, as when the box or the tab is left. */
  flush(): void {
    if (this.timer !== undefined) this.now();
  }
}
