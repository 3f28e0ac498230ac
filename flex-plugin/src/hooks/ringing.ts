// Somebody calls or writes: Zendesk's top bar opens. Whoever dials out sees Flex already.
import { isOutbound } from "../dial";
import { taskSidOf } from "../engagement";
import type { Manager, Task } from "../flex";
import type { TopBar } from "../topBar";

export function onRinging(manager: Manager, topBar: TopBar): void {
  manager.events?.addListener("taskReceived", (received) => {
    const task = received as Task | undefined;
    const task_sid = taskSidOf(task);
    if (!task_sid || isOutbound(task?.attributes)) return;
    topBar.ringing(task_sid);
  });
}
