// The agent switched to another task, or to none. A call of their own that nobody has answered yet is no engagement: it must
// not make a ticket.
import { isDialled } from "../call";
import { isVoice } from "../dial";
import { engagementOf, taskOf } from "../engagement";
import type { Flex, Task } from "../flex";
import type { Panel } from "../panel";

export function onSelect(flex: Flex, panel: Panel, find: (sid: string) => Task | undefined): void {
  flex.Actions.addListener("afterSelectTask", (payload) => {
    const task = taskOf(payload, find);
    const dialling = task?.status === "pending" && isVoice(task) && isDialled(task.attributes);
    panel.show(dialling ? { type: "idle" } : engagementOf(payload, "select", find));
  });
}
