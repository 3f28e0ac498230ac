// Somebody calls or writes, or the agent calls from where Flex is out of sight: Zendesk's top bar opens, and its icon shows that it
// rings until the task is taken or gone.
import { taskSidOf } from "../engagement";
import type { Manager, Task } from "../flex";
import type { TopBar } from "../topBar";
import { OVER } from "./ended";

export function onRinging(manager: Manager, topBar: TopBar): void {
  const pass = (event: string, type: "ringing" | "silent") =>
    manager.events?.addListener(event, (task) => {
      const task_sid = taskSidOf(task as Task | undefined);
      if (task_sid) topBar.tell({ type, task_sid });
    });
  pass("taskReceived", "ringing");
  for (const event of ["taskAccepted", "taskWrapup", ...OVER]) pass(event, "silent");
}
