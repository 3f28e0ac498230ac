// A task whose ticket the agent has still to choose is not completed. Only while the panel, on the screen and alive, says so:
// who hangs up, ends a chat, or works without us is never held back.
import { taskSidOf } from "../engagement";
import type { Flex, Manager, Task } from "../flex";
import type { Panel } from "../panel";

const ID = "DesksideChooseFirst";
const WORDS = {
  en: "This was not completed: choose its ticket in Deskside's panel first.",
  ja: "完了していません。先に Deskside のパネルでチケットを選択してください。",
  ko: "완료되지 않았습니다. 먼저 Deskside 패널에서 티켓을 선택하세요.",
};

export function onComplete(flex: Flex, manager: Manager, panel: Panel, find: (sid: string) => Task | undefined): void {
  // Flex fills in its notifications by keys of its strings.
  const language = (manager.localization?.localeTag ?? manager.configuration?.language ?? "en").slice(0, 2);
  if (manager.strings) manager.strings[ID] = (WORDS as Record<string, string | undefined>)[language] ?? WORDS.en;
  const type = flex.NotificationType?.warning ?? "warning";
  flex.Notifications?.registerNotification?.({ id: ID, content: ID, type, timeout: 8000, closeButton: true });

  flex.Actions.addListener("beforeCompleteTask", (payload, abort) => {
    try {
      const sid = taskSidOf(payload?.task ?? (typeof payload?.sid === "string" ? find(payload.sid) : undefined));
      if (!sid || !abort || !panel.holds(sid)) return;
      abort();
      panel.chooseFirst(sid);
      flex.Notifications?.showNotification?.(ID);
    } catch (error) {
      console.error("Deskside could not say that a ticket is still to be chosen", error);
    }
  });
}
