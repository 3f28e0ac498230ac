// What the project for Twilio's CLI uses of `@twilio/flex-plugin`.
export function loadPlugin(plugin: Parameters<Window["Twilio"]["Flex"]["Plugins"]["init"]>[0]): void {
  window.Twilio.Flex.Plugins.init(plugin);
}
