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
import { onSelect } from "./hooks/select";
import { onTheme } from "./hooks/theme";
import { onToken } from "./hooks/token";
import { Panel } from "./panel";
import { show } from "./place";

export function start(flex: Flex, manager: Manager, loadedFrom: string | undefined): void {
  const token = () => tokenMessage(manager);
  const panel = new Panel(home(manager.configuration, loadedFrom), token, (order) => dial(flex, manager, order));
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
