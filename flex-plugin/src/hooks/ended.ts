// A task is over: finished, taken back or refused. The app writes down what was finished; the panel is idle when it showed it,
// for Flex does not always deselect it first.
import { factsOf } from "../engagement";
import type { Manager, Task } from "../flex";
import type { Panel } from "../panel";

const FINISHED = "taskCompleted";
export const OVER = [FINISHED, "taskCanceled", "taskRejected", "taskRescinded", "taskTimeout"];

export function onEnded(manager: Manager, panel: Panel): void {
  for (const name of OVER) {
    manager.events?.addListener(name, (task) => {
      const engagement = factsOf(task as Task | undefined);
      if (!engagement) return;
      if (name === FINISHED) panel.tell({ type: "ended", engagement });
      if (engagement.task_sid === panel.taskSid) panel.show({ type: "idle" });
    });
  }
}
