// A task whose ticket the agent has still to choose is not completed. Only while the panel, on the screen and alive, says so:
// who hangs up, ends a chat, or works without us is never held back.
import { taskOf, taskSidOf } from "../engagement";
import type { Flex, Manager, Task } from "../flex";
import type { Panel } from "../panel";

const ID = "DesksideChooseFirst";

export function onComplete(flex: Flex, manager: Manager, panel: Panel, find: (sid: string) => Task | undefined): void {
  const type = flex.NotificationType?.warning ?? "warning";
  flex.Notifications?.registerNotification?.({ id: ID, content: ID, type, timeout: 8000, closeButton: true });

  flex.Actions.addListener("beforeCompleteTask", (payload, abort) => {
    try {
      const sid = taskSidOf(taskOf(payload, find));
      if (!sid || !abort || !panel.holds(sid)) return;
      abort();
      panel.chooseFirst(sid);
      if (manager.strings) manager.strings[ID] = panel.told; // by which Flex fills in its notifications
      flex.Notifications?.showNotification?.(ID);
    } catch (error) {
      console.error("Deskside: choose first", error);
    }
  });
}
