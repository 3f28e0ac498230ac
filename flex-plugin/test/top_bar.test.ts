// Flex in Zendesk's top bar: who is told what.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DESKSIDE, TASK, idle, load, shown, token } from "./flex";

const notice = { task_sid: "WT1", notice: "9002:WT1:42:1", ticket_id: 42, user_id: null };
const hello = [DESKSIDE, { type: "hello" }];

test("Flex in a tab of its own asks nobody for a top bar", () => {
  const { events, say, told } = load();
  events.taskReceived?.(TASK);
  say({ type: "show", notice });
  assert.deepEqual(told(), []);
});

test("in the top bar it says hello, and only to us", () => {
  assert.deepEqual(load({ framed: true, ancestors: [DESKSIDE, "https://acme.zendesk.com"] }).told(), [hello]);
  assert.deepEqual(load({ framed: true }).told(), [hello]); // a browser that does not say who frames it
  assert.deepEqual(load({ framed: true, ancestors: ["https://acme.zendesk.com"] }).told(), []);
  assert.deepEqual(load({ framed: true, ancestors: ["https://evil.example", DESKSIDE] }).told(), []);
});

test("once it is welcome it reports calls and what is popped, and the app knows", () => {
  const { events, frames, say, take, told } = load({ framed: true });
  say({ type: "ready" });
  events.taskReceived?.(TASK);
  say({ type: "show", notice });
  assert.deepEqual([told(), take()], [[hello], [token("flex-token-1"), idle]], "nobody has answered yet");
  frames({ type: "welcome" });
  assert.deepEqual(take(), [[DESKSIDE, { type: "top_bar" }]]);
  events.taskReceived?.(TASK);
  say({ type: "show", notice });
  assert.deepEqual(told(), [[DESKSIDE, { type: "ringing", task_sid: "WT1" }], [DESKSIDE, { type: "show", notice }]]);
  frames({ type: "shown", notice: notice.notice });
  assert.deepEqual(take(), [[DESKSIDE, { type: "shown", notice: notice.notice }]]);
});

test("an app that starts late hears of the top bar before anything that it could pop", () => {
  const { actions, frames, say, take } = load({ framed: true });
  frames({ type: "welcome" });
  actions.afterSelectTask?.({ task: TASK });
  say({ type: "ready" });
  assert.deepEqual(take(), [[DESKSIDE, { type: "top_bar" }], token("flex-token-1"), shown("select")]);
});

const OTHER = { sid: "WR9", taskSid: "WT9" };

test("it rings until the task is taken or gone, whichever way the call goes", () => {
  const check = (over: string, task: object) => {
    const { events, frames, told } = load({ framed: true });
    frames({ type: "welcome" });
    told();
    events.taskReceived?.(task);
    events[over]?.(OTHER);
    events[over]?.(task);
    const say = (type: string, task_sid: string) => [DESKSIDE, { type, task_sid }];
    assert.deepEqual(told(), [say("ringing", "WT1"), say("silent", "WT9"), say("silent", "WT1")], over);
  };
  const gone = ["taskCanceled", "taskRejected", "taskRescinded", "taskTimeout", "taskWrapup", "taskCompleted"];
  for (const over of ["taskAccepted", ...gone]) check(over, TASK);
  check("taskAccepted", { ...TASK, attributes: { direction: "outbound" } }); // from beside a ticket, where Flex is out of sight
});

test("what is no task does not ring", () => {
  const { events, frames, told } = load({ framed: true });
  frames({ type: "welcome" });
  told();
  for (const odd of [undefined, null, {}, { sid: "WR1" }]) {
    events.taskReceived?.(odd);
    events.taskTimeout?.(odd);
  }
  assert.deepEqual(told(), []);
});

test("a welcome by another window, or of another origin, is none", () => {
  const { events, frames, say, told, take } = load({ framed: true });
  say({ type: "ready" });
  take();
  told();
  frames({ type: "welcome" }, "https://evil.example");
  frames({ type: "welcome" }, DESKSIDE, {});
  frames({ type: "welcome" }, DESKSIDE, null);
  for (const odd of [null, undefined, 7, "welcome", [], {}, { type: "shown", notice: 7 }]) frames(odd);
  events.taskReceived?.(TASK);
  assert.deepEqual([told(), take()], [[], []]);
});
