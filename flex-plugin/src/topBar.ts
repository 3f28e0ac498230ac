// The page of Deskside's that frames Flex in Zendesk's top bar, where there is one. Both ends are pinned: it is the parent window and of
// Deskside's origin, or nothing is told but a `hello` that no other origin is handed.
import type { FromTopBar } from "./wire/FromTopBar";
import type { ToTopBar } from "./wire/ToTopBar";

/** What becomes of it, to whom it matters. */
export interface Listener {
  welcome(): void;
  shown(notice: string): void;
}

export class TopBar {
  #there = false;

  constructor(
    private readonly origin: string,
    private readonly listener: Listener,
  ) {
    if (!framedBy(origin)) return;
    window.addEventListener("message", (event) => this.#receive(event));
    this.#post({ type: "hello" });
  }

  /** It has answered. */
  get there(): boolean {
    return this.#there;
  }

  tell(message: ToTopBar): void {
    if (this.#there) this.#post(message);
  }

  #receive({ data, origin, source }: MessageEvent): void {
    if (origin !== this.origin || source !== window.parent) return;
    const message = data as FromTopBar | null;
    if (message?.type === "welcome") {
      this.#there = true;
      this.listener.welcome();
    } else if (message?.type === "shown" && typeof message.notice === "string") {
      this.listener.shown(message.notice);
    }
  }

  #post(message: ToTopBar): void {
    window.parent.postMessage(message, this.origin);
  }
}

/** Whether it can be: Firefox does not say who frames a page, and is asked by the `hello`. */
function framedBy(origin: string): boolean {
  if (!window.parent || window.parent === window) return false;
  const { ancestorOrigins } = window.location;
  return !ancestorOrigins || ancestorOrigins[0] === origin;
}
