// The app's frame. One element for as long as Flex runs, and it is always in the document: while Flex has no place for it (another
// view, another tab), it waits out of sight, hears of every task, and goes on where it was. Switching tasks or places does not
// reload it; in browsers that cannot move a frame so, it starts anew and is told again what it needs. Both ends are pinned.
import type { TopBar } from "./topBar";
import type { DialOrder } from "./wire/DialOrder";
import type { DialOutcome } from "./wire/DialOutcome";
import type { FromApp } from "./wire/FromApp";
import type { ToApp } from "./wire/ToApp";

type TokenMessage = Extract<ToApp, { type: "token" }>;

/** A parent that moves a frame without a reload: Chrome and Edge 133, Firefox 144. */
type Place = Element & { moveBefore?(frame: Element, before: null): void };

export class Panel {
  /** Set once there is one to ask. */
  topBar?: TopBar;
  readonly #frame: HTMLIFrameElement;
  readonly #waiting: HTMLElement;
  #listening = false;
  #shown: ToApp = { type: "idle" };
  #sentToken: string | undefined;
  /** What an agent is told who completes before they chose; the panel knows their language. */
  told = "";
  /** Tasks whose ticket is still to be chosen, as the panel says. */
  readonly #open = new Set<string>();

  constructor(
    private readonly origin: string,
    private readonly token: () => TokenMessage | undefined,
    private readonly dial: (order: DialOrder) => Promise<DialOutcome>,
  ) {
    this.#frame = document.createElement("iframe");
    this.#frame.title = "Deskside";
    this.#frame.src = `${origin}/flex/panel?origin=${encodeURIComponent(window.location.origin)}`;
    this.#frame.style.cssText = "border:0;display:block;width:100%;height:100%";
    window.addEventListener("message", (event) => this.#receive(event));
    this.#waiting = document.createElement("div");
    this.#waiting.hidden = true;
    document.body.appendChild(this.#waiting);
    this.mount(null);
  }

  /** React's ref of the place; the same function every time, or React would move the frame. Without a place the frame waits: React
   * says so before it takes the place out of the document. */
  readonly mount = (place: Place | null): void => {
    const to: Place = place ?? this.#waiting;
    if (this.#frame.parentNode === to) return;
    try {
      if (this.#frame.isConnected && to.moveBefore) return to.moveBefore(this.#frame, null);
    } catch {
      // one of the two is not in the document; then the frame moves as any element does
    }
    this.#listening = false; // entering the document loads the app
    this.#open.clear();
    to.appendChild(this.#frame);
  };

  /** Which task the app shows, if any. */
  get taskSid(): string | undefined {
    return this.#shown.type === "engagement" ? this.#shown.engagement.task_sid : undefined;
  }

  /** Whether the agent has still to choose this task's ticket, and can: the panel shows the choice. */
  holds(taskSid: string): boolean {
    return this.#listening && this.#frame.isConnected && !this.#isWaiting && this.taskSid === taskSid && this.#open.has(taskSid);
  }

  /** The agent was kept from completing. A panel that does not answer keeps nobody a second time. */
  chooseFirst(taskSid: string): void {
    this.#open.delete(taskSid); // until it says so again
    this.tell({ type: "choose_first", task_sid: taskSid });
  }

  show(subject: ToApp): void {
    const shown = this.#shown;
    if (subject.type === "idle" && shown.type === "idle") return;
    // Flex selects what it has accepted: that it was accepted is still to be told.
    if (!this.#listening && subject.type === "engagement" && shown.type === "engagement" && shown.stage === "accept"
      && this.taskSid === subject.engagement.task_sid) return;
    this.#shown = subject;
    this.tell(subject);
  }

  /** Nobody hears it before `ready`; then the app is told everything anyway. */
  tell(message: ToApp | undefined): void {
    if (!message || !this.#listening) return;
    if (message.type === "token") this.#sentToken = message.token;
    this.#frame.contentWindow?.postMessage(message, this.origin);
  }

  get #isWaiting(): boolean {
    return this.#frame.parentNode === this.#waiting;
  }

  #receive({ data, origin, source }: MessageEvent): void {
    if (origin !== this.origin || !source || source !== this.#frame.contentWindow) return;
    const message = data as FromApp | null;
    switch (message?.type) {
      case "ready":
        this.#listening = true;
        this.#open.clear();
        if (this.topBar?.there) this.tell({ type: "top_bar" });
        this.tell(this.token());
        // Who only looks at another view of Flex is not taken to a ticket in Zendesk.
        if (!this.#isWaiting) this.tell(this.#shown);
        break;
      case "token_expired": {
        const fresh = this.token();
        // The refused one again would be refused again: Flex announces the next by itself.
        if (fresh && fresh.token !== this.#sentToken) this.tell(fresh);
        break;
      }
      case "dial": {
        const { id } = message.order;
        void this.dial(message.order).then((outcome) => this.tell({ type: "dialed", id, outcome }));
        break;
      }
      case "choice": {
        const { task_sid, open, told } = message;
        if (open) this.#open.add(task_sid);
        else this.#open.delete(task_sid);
        this.told = told;
        break;
      }
      case "show":
        this.topBar?.tell({ type: "show", notice: message.notice });
        break;
      default: // `height`: the frame fills the container, so nothing to do; anything else is of a newer app
    }
  }
}
