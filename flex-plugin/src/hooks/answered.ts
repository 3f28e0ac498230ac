// A call that this agent made was answered. Flex invokes no `AcceptTask` for those: TaskRouter itself accepts them.
import { isDialled } from "../call";
import { isVoice } from "../dial";
import { engagementOf } from "../engagement";
import type { Manager, Task } from "../flex";
import type { Panel } from "../panel";

export function onAnswered(manager: Manager, panel: Panel, find: (sid: string) => Task | undefined): void {
  manager.events?.addListener("taskAccepted", (payload) => {
    const task = payload as Task | undefined;
    if (task && isVoice(task) && isDialled(task.attributes)) panel.show(engagementOf({ task }, "accept", find));
  });
}
