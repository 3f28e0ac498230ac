// The agent accepted a task. `after…` does not fire when accepting failed.
import { engagementOf } from "../engagement";
import type { Flex, Task } from "../flex";
import type { Panel } from "../panel";

export function onAccept(flex: Flex, panel: Panel, find: (sid: string) => Task | undefined): void {
  flex.Actions.addListener("afterAcceptTask", (payload) => panel.show(engagementOf(payload, "accept", find)));
}
