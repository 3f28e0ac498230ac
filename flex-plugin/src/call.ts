// How a call or chat stands, as Flex shows it to this agent: nothing is added that Flex keeps from them. Flex does not say when
// a task was accepted or its conversation ended, so that is remembered from when it was first seen so.
import type { Task } from "./flex";
import type { CallFacts } from "./wire/CallFacts";

const TALKING = "accepted";
const OVER = ["wrapping", "completed"];

/** When each reservation was first seen in a state; one agent has few, and a page lives a shift. */
const seen = new Map<string, { accepted?: number; ended?: number }>();

/** This reservation is the agent's from now on. */
export function accepted(task: Task | null | undefined, now = Date.now()): void {
  const sid = task?.sid;
  if (typeof sid === "string") seen.set(sid, { ...seen.get(sid), accepted: now });
}

const directionOf = (attributes: unknown): unknown =>
  (attributes as { direction?: unknown } | null | undefined)?.direction;

/** The other end was called: by this agent (`outbound`), or by a flow that hands it to them (`outbound-api`). The server decides in the same way. */
export const isOutbound = (attributes: unknown): boolean => /^outbound/i.test(`${directionOf(attributes)}`);

/** This agent calls: what `StartOutboundCall` writes. Flex does not ask them whether they take it, and nobody has answered yet. */
export const isDialled = (attributes: unknown): boolean => directionOf(attributes) === "outbound";

export function callOf(task: Task, now = Date.now()): CallFacts {
  const attributes = (typeof task.attributes === "object" ? task.attributes : {}) as Record<string, unknown> | null;
  const words = (value: unknown): string | null => (typeof value === "string" && value.trim() !== "" ? value : null);
  const outbound = isOutbound(attributes);
  const status = words(task.status);
  const times = (typeof task.sid === "string" && seen.get(task.sid)) || {};
  const changed = time(task.dateUpdated) ?? now;
  if (status === TALKING) times.accepted ??= changed; // a page that was loaded during the call
  if (status && OVER.includes(status)) times.ended ??= Math.min(changed, now);
  if (typeof task.sid === "string" && (times.accepted || times.ended)) seen.set(task.sid, times);
  const theirs = words(task.defaultFrom) ?? words(attributes?.from);
  return {
    status,
    direction: outbound ? "outbound" : "inbound",
    queue: words(task.queueName),
    from: outbound ? words(attributes?.from) : theirs,
    to: outbound ? words(attributes?.outbound_to) ?? words(attributes?.to) : words(attributes?.to),
    created_ms: time(task.dateCreated) ?? null,
    accepted_ms: times.accepted ?? null,
    ended_ms: times.ended ?? null,
  };
}

function time(value: Date | string | number | undefined): number | undefined {
  const at = value === undefined || value === null ? NaN : new Date(value).getTime();
  return Number.isFinite(at) && at >= 0 ? Math.round(at) : undefined;
}
