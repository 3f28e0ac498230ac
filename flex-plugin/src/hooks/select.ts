// The agent switched to another task, or to none.
import { engagementOf } from "../engagement";
import type { Flex, Task } from "../flex";
import type { Panel } from "../panel";

export function onSelect(flex: Flex, panel: Panel, find: (sid: string) => Task | undefined): void {
  flex.Actions.addListener("afterSelectTask", (payload) => panel.show(engagementOf(payload, "select", find)));
}
