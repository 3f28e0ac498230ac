// Who the agent is and how Flex looks to them. Reads Flex's state and keeps nothing of it.
import type { Flex, Manager, Task } from "./flex";
import type { ToApp } from "./wire/ToApp";

export function isDark(manager: Manager): boolean {
  const theme = manager.store?.getState().flex?.config?.theme ?? manager.configuration?.theme;
  return theme?.isLight === false; // Flex is light unless told otherwise
}

/** The agent's Flex token, which only the server reads; nothing while there is none. */
export function tokenMessage(manager: Manager, renewed?: unknown): Extract<ToApp, { type: "token" }> | undefined {
  const token =
    (renewed as { token?: string } | undefined)?.token ??
    manager.user?.token ??
    manager.store?.getState().flex?.session?.ssoTokenPayload?.token;
  if (!token) return undefined;
  const locale = manager.localization?.localeTag ?? manager.configuration?.language ?? null;
  return { type: "token", token, locale, dark: isDark(manager) };
}

/** The task of a reservation's sid. Flex's own helper first; what it misses may still be in the store. */
export function taskFinder(flex: Flex, manager: Manager): (sid: string) => Task | undefined {
  return (sid) => {
    const known = flex.TaskHelper?.getTaskByTaskSid?.(sid);
    if (known) return known;
    const tasks = manager.store?.getState().flex?.worker?.tasks;
    return tasks?.get(sid) ?? [...(tasks?.values() ?? [])].find((task) => task.taskSid === sid);
  };
}
