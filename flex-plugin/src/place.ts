// Where in Flex the panel is. The admin says so in Flex's own configuration, which Flex has read before it starts its plugins: an
// answer of Deskside's server would make every agent's Flex wait for it.
import type { Configuration, Flex } from "./flex";

const FILLED = { height: "100%", width: "100%", flex: "1 1 auto" };

/** `custom_data.deskside_panel`: `tab` of the task, all of `panel2`, and otherwise the CRM container. Where this Flex has no such
 * place, the CRM container, too. */
export function show(flex: Flex, configuration: Configuration | undefined, mount: (place: Element | null) => void): void {
  const { TaskCanvasTabs: tabs, AgentDesktopView: { Panel2: panel2 } = {} } = flex;
  const wish = configuration?.custom_data?.deskside_panel;
  const element = (more?: object) =>
    window.React.createElement("div", { key: "deskside-panel", ref: mount, style: FILLED, ...more });
  if (wish === "tab" && tabs) tabs.Content.add(element({ label: "Deskside", uniqueName: "deskside" }));
  else if (wish === "panel2" && panel2) panel2.Content.replace(element());
  else flex.CRMContainer.Content.replace(element());
}
