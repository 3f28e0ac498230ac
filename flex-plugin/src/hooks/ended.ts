// The task that the panel shows is over: finished, taken back or refused. Flex does not always deselect it first.
import { taskSidOf } from "../engagement";
import type { Manager, Task } from "../flex";
import type { Panel } from "../panel";

const OVER = ["taskCompleted", "taskCanceled", "taskRejected", "taskRescinded", "taskTimeout"];

export function onEnded(manager: Manager, panel: Panel): void {
  for (const name of OVER) {
    manager.events?.addListener(name, (task) => {
      const ended = taskSidOf(task as Task | undefined);
      if (ended && ended === panel.taskSid) panel.show({ type: "idle" });
    });
  }
}
