// Puts the panel up and hooks it to Flex.
import { isDark, taskFinder, tokenMessage } from "./agent";
import { dial } from "./dial";
import type { Flex, Manager } from "./flex";
import { home } from "./home";
import { onAccept } from "./hooks/accept";
import { onAnswered } from "./hooks/answered";
import { onCall } from "./hooks/call";
import { onComplete } from "./hooks/complete";
import { onEnded } from "./hooks/ended";
import { onRestored } from "./hooks/restored";
import { onRinging } from "./hooks/ringing";
import { onSelect } from "./hooks/select";
import { onTheme } from "./hooks/theme";
import { onToken } from "./hooks/token";
import { Panel } from "./panel";
import { show } from "./place";
import { TopBar } from "./topBar";

export function start(flex: Flex, manager: Manager, loadedFrom: string | undefined): void {
  const origin = home(manager.configuration, loadedFrom);
  const panel = new Panel(origin, () => tokenMessage(manager), (order) => dial(flex, manager, order));
  const topBar = new TopBar(origin, {
    welcome: () => panel.tell({ type: "top_bar" }),
    shown: (notice) => panel.tell({ type: "shown", notice }),
  });
  panel.topBar = topBar;
  const find = taskFinder(flex, manager);

  onRinging(manager, topBar);
  onAccept(flex, panel, find);
  onAnswered(manager, panel, find);
  onSelect(flex, panel, find);
  onRestored(flex, manager, panel, find);
  onCall(manager, panel);
  onComplete(flex, manager, panel, find);
  onEnded(manager, panel);
  onToken(manager, panel);
  onTheme(manager, panel, isDark);

  show(flex, manager.configuration, panel.mount);
}
