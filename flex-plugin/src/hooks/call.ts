// The call on the screen stands otherwise than before: somebody hung up, it moved, a number became known.
import { factsOf } from "../engagement";
import type { Manager, Task } from "../flex";
import type { Panel } from "../panel";

const CHANGES = ["taskAccepted", "taskUpdated", "taskWrapup"];

export function onCall(manager: Manager, panel: Panel): void {
  for (const name of CHANGES) {
    manager.events?.addListener(name, (task) => {
      const facts = factsOf(task as Task | undefined);
      if (facts && facts.task_sid === panel.taskSid) {
        panel.tell({ type: "call", task_sid: facts.task_sid, call: facts.call });
      }
    });
  }
}
