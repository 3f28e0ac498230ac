// The agent accepted a task. `after…` does not fire when accepting failed.
import { accepted } from "../call";
import { engagementOf, taskOf } from "../engagement";
import type { Flex, Task } from "../flex";
import type { Panel } from "../panel";

export function onAccept(flex: Flex, panel: Panel, find: (sid: string) => Task | undefined): void {
  flex.Actions.addListener("afterAcceptTask", (payload) => {
    accepted(taskOf(payload, find));
    panel.show(engagementOf(payload, "accept", find));
  });
}
