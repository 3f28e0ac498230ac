// Flex renewed the agent's token.
import { tokenMessage } from "../agent";
import type { Manager } from "../flex";
import type { Panel } from "../panel";

export function onToken(manager: Manager, panel: Panel): void {
  manager.events?.addListener("tokenUpdated", (renewed) => panel.tell(tokenMessage(manager, renewed)));
}
