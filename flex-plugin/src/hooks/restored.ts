// Flex was reloaded while a call goes on. Flex selects it again from the page's address, but only after its plugins have started, and
// without the action that selecting usually is; so the store is watched until the agent does something.
import { engagementOf } from "../engagement";
import type { Flex, Manager, Task } from "../flex";
import type { Panel } from "../panel";

export function onRestored(
  flex: Flex,
  manager: Manager,
  panel: Panel,
  find: (sid: string) => Task | undefined,
): void {
  let watching = true;
  const stop = () => {
    watching = false;
  };
  const look = () => {
    const sid = watching ? manager.store?.getState().flex?.view?.selectedTaskSid : undefined;
    if (!sid) return;
    stop();
    panel.show(engagementOf({ sid }, "select", find));
  };
  for (const action of ["beforeAcceptTask", "beforeSelectTask"]) flex.Actions.addListener(action, stop);
  manager.store?.subscribe(look);
  look();
}
