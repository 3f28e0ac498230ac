// What the app is told about a task, whatever Flex hands over.
import assert from "node:assert/strict";
import { test } from "node:test";
import { engagementOf } from "../src/engagement";
import type { Selected, Task } from "../src/flex";

const TASK: Task = { sid: "WR1", taskSid: "WT1", attributes: { zd_ticket_id: "42" }, channelType: "voice" };
const IDLE = { type: "idle" };
const find = (sid: string) => (sid === "WR1" ? TASK : undefined);

function check(payload: unknown, expected: unknown): void {
  assert.deepEqual(engagementOf(payload as Selected, "accept", find), expected);
}
const NOTHING = { status: null, direction: "inbound", queue: null, from: null, to: null, created_ms: null, accepted_ms: null, ended_ms: null };
const shown = (attributes: unknown, channel: string | null = "voice", reservation_sid: string | null = "WR1") => ({
  type: "engagement",
  engagement: { task_sid: "WT1", attributes, channel, reservation_sid, call: NOTHING },
  stage: "accept",
});

test("a task is told with its attributes and channel", () => {
  check({ sid: "WR1", task: TASK }, shown({ zd_ticket_id: "42" }));
  check({ task: { ...TASK, channelType: undefined, taskChannelUniqueName: "chat" } }, shown({ zd_ticket_id: "42" }, "chat"));
});

test("a task known only by its reservation is looked up", () => {
  check({ sid: "WR1" }, shown({ zd_ticket_id: "42" }));
  check({ sid: "WR1", task: null }, shown({ zd_ticket_id: "42" }));
});

test("a deselection leaves the panel idle", () => {
  for (const payload of [undefined, null, {}, { task: undefined }, { sid: "" }, { sid: null }, { sid: "WR-unknown" }]) {
    check(payload, IDLE);
  }
});

test("odd tasks never make it throw", () => {
  for (const payload of [7, "WR1", [], { sid: 7 }, { sid: {} }, { task: 7 }, { task: "WT1" }, { task: [] }, { task: {} }]) {
    check(payload, IDLE);
  }
  check({ task: { sid: "WR1" } }, IDLE); // a reservation is no task
  check({ task: { taskSid: 7, sid: "WR1" } }, IDLE);
  check({ get task() { throw new Error("gone"); } }, IDLE);
  assert.deepEqual(engagementOf({ sid: "WR1" }, "select", () => { throw new Error("store"); }), IDLE);
});

test("an object of TaskRouter itself names the task by sid", () => {
  check({ task: { sid: "WT1", attributes: {} } }, shown({}, null, null));
});

test("attributes arrive as plain data", () => {
  const circular: Record<string, unknown> = {};
  circular.self = circular;
  const cases: [unknown, unknown][] = [
    ['{"zd_ticket_id":"42"}', { zd_ticket_id: "42" }],
    ["not json", {}],
    [undefined, {}],
    [null, {}],
    [circular, {}],
    [{ keep: 1, drop: () => 1 }, { keep: 1 }],
    [[1, 2], [1, 2]],
  ];
  for (const [attributes, expected] of cases) check({ task: { ...TASK, attributes } }, shown(expected));
});
