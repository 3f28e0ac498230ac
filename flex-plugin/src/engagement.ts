// What the app is told about the agent's task. Pure, so tested without Flex; no payload, however odd, makes it throw.
import { callOf } from "./call";
import type { Selected, Task } from "./flex";
import type { EngagementFacts } from "./wire/EngagementFacts";
import type { Stage } from "./wire/Stage";
import type { ToApp } from "./wire/ToApp";

/** Flex gives a task, or only a reservation's sid, or (on deselect) neither. */
export function taskOf(
  selected: Selected | null | undefined,
  find: (sid: string) => Task | undefined,
): Task | undefined {
  const { task, sid } = selected ?? {};
  return task ?? (typeof sid === "string" && sid !== "" ? find(sid) : undefined);
}

/** The engagement that was selected; idle where it is none. */
export function engagementOf(
  selected: Selected | null | undefined,
  stage: Stage,
  find: (sid: string) => Task | undefined,
): ToApp {
  try {
    const engagement = factsOf(taskOf(selected, find));
    return engagement ? { type: "engagement", engagement, stage } : { type: "idle" };
  } catch {
    return { type: "idle" };
  }
}

/** What the app is told of a task; nothing of what is none. */
export function factsOf(task: Task | null | undefined): EngagementFacts | undefined {
  const task_sid = taskSidOf(task);
  if (!task || !task_sid) return undefined;
  const channel = task.channelType ?? task.taskChannelUniqueName ?? null;
  const reservation = [task.reservationSid, task.sid].find((sid) => typeof sid === "string" && sid.startsWith("WR"));
  return { task_sid, attributes: plain(task.attributes), channel, reservation_sid: reservation ?? null, call: callOf(task) };
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
