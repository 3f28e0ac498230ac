// What the app is told about the agent's task. Pure, so tested without Flex; no payload, however odd, makes it throw.
import type { Selected, Task } from "./flex";
import type { Stage } from "./wire/Stage";
import type { ToApp } from "./wire/ToApp";

/** Flex gives a task, or only a reservation's sid, or (on deselect) neither. */
export function engagementOf(
  selected: Selected | null | undefined,
  stage: Stage,
  find: (sid: string) => Task | undefined,
): ToApp {
  try {
    const { task, sid } = selected ?? {};
    const facts = task ?? (typeof sid === "string" && sid !== "" ? find(sid) : undefined);
    const task_sid = taskSidOf(facts);
    if (!facts || !task_sid) return { type: "idle" };
    const channel = facts.channelType ?? facts.taskChannelUniqueName ?? null;
    return { type: "engagement", engagement: { task_sid, attributes: plain(facts.attributes), channel }, stage };
  } catch {
    return { type: "idle" };
  }
}

/** `taskSid`, or the `sid` of objects that come from TaskRouter itself, where it is the task's. */
export function taskSidOf(task: Task | null | undefined): string | undefined {
  return [task?.taskSid, task?.sid].find((sid) => typeof sid === "string" && sid.startsWith("WT"));
}

/** Attributes as plain data: what cannot be copied to another window is left behind. */
function plain(attributes: unknown): unknown {
  try {
    return JSON.parse(typeof attributes === "string" ? attributes : JSON.stringify(attributes ?? {}));
  } catch {
    return {};
  }
}
