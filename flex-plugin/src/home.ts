// Where Deskside lives. The panel is loaded from there, and messages go to and come from there only.
import type { Configuration, Listed } from "./flex";

/** The origin that the plugin's script was loaded from; accounts that write plugins into the page have none. */
export function scriptOrigin(script: unknown): string | undefined {
  return originOf((script as { src?: unknown } | null)?.src);
}

/** The same for these: Flex's list of plugins has the address of the one whose mark the script bears. */
export function listedOrigin(plugins: readonly Listed[] | undefined, mark: string | null | undefined): string | undefined {
  return originOf(plugins?.find(({ uuid }) => uuid === mark)?.src);
}

/** The admin's setting goes first: a plugin hosted by Twilio comes from Twilio's origin, not from Deskside's. */
export function home(configuration: Configuration | undefined, loadedFrom: string | undefined): string {
  const origin = originOf(configuration?.custom_data?.deskside_url) ?? loadedFrom;
  if (!origin) {
    throw new Error("Deskside's address is unknown: set custom_data.deskside_url in the Flex configuration");
  }
  return origin;
}

export function originOf(address: unknown): string | undefined {
  if (typeof address !== "string" || address === "") return undefined;
  try {
    const { protocol, hostname, origin } = new URL(address);
    const safe = protocol === "https:" || hostname === "localhost" || hostname === "127.0.0.1";
    return safe ? origin : undefined;
  } catch {
    return undefined;
  }
}
