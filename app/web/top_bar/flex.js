// Flex in its frame, and our plugin in Flex. Both ends are pinned: messages come from the frame's own window and from Flex's origin,
// and go there; what anybody else sends is not looked at.
import { words } from "./words.js";

const DEVICES = ["autoplay", "camera", "clipboard-read", "clipboard-write", "display-capture", "microphone", "speaker-selection"];

/** Loads Flex into `place`. `on` has `hello`, `ringing`, `silent` and `show`; the answer has what closes it. */
export function openFlex({ url, origin }, place, on) {
  const frame = document.createElement("iframe");
  frame.title = words.frame;
  frame.dataset.testid = "flex";
  frame.allow = DEVICES.map((device) => `${device} ${origin}`).join("; "); // a call is spoken here
  const post = (message) => frame.contentWindow?.postMessage(message, origin);

  function receive({ source, origin: from, data }) {
    if (!source || source !== frame.contentWindow || from !== origin) return;
    if (data?.type === "hello") {
      post({ type: "welcome" });
      on.hello();
    } else if (data?.type === "ringing" || data?.type === "silent") {
      on[data.type](data.task_sid);
    } else if (data?.type === "show" && typeof data.notice?.notice === "string") {
      const { notice } = data.notice;
      on.show(data.notice).then(() => post({ type: "shown", notice }), () => {}); // unanswered, the panel asks the server
    }
  }
  addEventListener("message", receive);
  frame.src = url;
  place.append(frame);
  return {
    focus: () => frame.focus(),
    reload: () => (frame.src = url),
    close() {
      removeEventListener("message", receive);
      frame.remove();
    },
  };
}
