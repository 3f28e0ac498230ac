// Flex changed between light and dark. There is no event for it, so the store is watched.
import type { Manager } from "../flex";
import type { Panel } from "../panel";

export function onTheme(manager: Manager, panel: Panel, isDark: (manager: Manager) => boolean): void {
  let dark = isDark(manager);
  manager.store?.subscribe(() => {
    const now = isDark(manager);
    if (now === dark) return;
    dark = now;
    panel.tell({ type: "theme", dark });
  });
}
