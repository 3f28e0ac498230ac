// Orders to call somebody, and what came of them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { DESKSIDE, NOTHING, TASK, facts, load, shown, token } from "./flex";

const ORDER = {
  id: "d1", destination: "+815012340042", caller_id: null, queue_sid: null, workflow_sid: null, task_channel_sid: null,
  attributes: { zd_ticket_id: "42", name: "Ada" },
};
const dialed = (outcome: string) => [[DESKSIDE, { type: "dialed", id: "d1", outcome }]];

test("an order is dialled as Flex's dialpad would, and what came of it is told", async () => {
  const { invoked, say, settled, take } = load();
  say({ type: "ready" });
  take();
  say({ type: "dial", order: { ...ORDER, caller_id: "+815011112222" } });
  await settled();
  assert.deepEqual(take(), dialed("started"));
  const payload = { destination: "+815012340042", callerId: "+815011112222", taskAttributes: ORDER.attributes };
  assert.deepEqual(JSON.parse(JSON.stringify(invoked)), [["StartOutboundCall", payload], ["SelectTask", { sid: "WR2" }]]);
});

test("whatever Flex refuses with, the app hears what it means", async () => {
  for (const [outbound, outcome] of [
    ["cannot do outbound calls when offline", "offline"],
    ["voice call already live", "on_call"],
    ["live call task already exists", "on_call"],
    ["cannot do outbound calls with a pending inbound call", "on_call"],
    ["outbound call action already pending", "on_call"],
    ["outbound calling disabled", "not_enabled"],
    ["missing queue", "not_enabled"],
    ["missing 'from' argument", "not_enabled"],
    ["invalid destination", "number"],
    ["task could not be created", "failed"],
    ["silent", "failed"],
  ] as const) {
    const { errors, say, settled, take } = load({ outbound });
    say({ type: "ready" });
    take();
    say({ type: "dial", order: ORDER });
    await settled();
    assert.deepEqual([take(), errors], [dialed(outcome), []], outbound);
  }
});

const WORKFLOW = { ...ORDER, workflow_sid: `WW${"c".repeat(32)}` };
const flows = { default: { enabled: true, caller_id: "+815011112222", queue_sid: "WQ1", workflow_sid: "WW1" } };

test("a workflow or a task channel of the order's own goes to TaskRouter, with what Flex is set to beside it", async () => {
  const made: unknown[] = [];
  let loaded: ReturnType<typeof load>;
  const workerClient = {
    createTask: async (...facts: unknown[]) => {
      made.push(facts);
      loaded.call();
      loaded.events.taskReceived?.();
    },
  };
  loaded = load({ manager: { workerClient, serviceConfiguration: { outbound_call_flows: flows } } });
  loaded.say({ type: "ready" });
  loaded.take();
  loaded.say({ type: "dial", order: { ...WORKFLOW, task_channel_sid: "TC1" } });
  await loaded.settled();
  assert.deepEqual(loaded.take(), dialed("started"));
  const attributes = { ...ORDER.attributes, direction: "outbound" };
  const expected = [ORDER.destination, "+815011112222", WORKFLOW.workflow_sid, "WQ1", { taskChannelSid: "TC1", attributes }];
  assert.deepEqual(JSON.parse(JSON.stringify(made)), [expected]);
});

test("and is refused as Flex would refuse it", async () => {
  const workerClient = { createTask: () => assert.fail("nobody is called") };
  const activity = { activity: { sid: "WA1" }, tasks: new Map() };
  const store = (flex: object) => ({ getState: () => ({ flex }), subscribe: () => () => {} });
  const set = { outbound_call_flows: flows, taskrouter_offline_activity_sid: "WA1" };
  for (const [manager, outcome] of [
    [{ workerClient }, "not_enabled"],
    [{ workerClient, serviceConfiguration: { outbound_call_flows: { default: { ...flows.default, enabled: false } } } }, "not_enabled"],
    [{ workerClient, serviceConfiguration: set, store: store({ worker: activity }) }, "offline"],
    [{ workerClient, serviceConfiguration: set, store: store({ phone: { activeCall: {} } }) }, "on_call"],
    [{ workerClient, serviceConfiguration: set, store: store({ worker: { tasks: new Map([["WR1", { ...TASK, status: "pending" }]]) } }) }, "on_call"],
  ] as const) {
    const { say, settled, take } = load({ manager });
    say({ type: "ready" });
    take();
    say({ type: "dial", order: WORKFLOW });
    await settled();
    assert.deepEqual(take(), dialed(outcome));
  }
});

test("a call that the agent made is accepted when it is answered: Flex takes no action then", () => {
  const { actions, events, say, take } = load();
  say({ type: "ready" });
  take();
  const call = { sid: "WR2", taskSid: "WT2", channelType: "voice", attributes: { direction: "outbound", zd_ticket_id: "42" } };
  actions.afterSelectTask?.({ task: { ...call, status: "pending" } });
  events.taskAccepted?.(TASK);
  events.taskAccepted?.({ ...call, channelType: "sms" });
  events.taskAccepted?.(undefined);
  assert.deepEqual(take(), []);
  events.taskAccepted?.(call);
  const engagement = { ...facts("WT2", call.attributes, "voice", "WR2"), call: { ...NOTHING, direction: "outbound" } };
  assert.deepEqual(take()[0], [DESKSIDE, { type: "engagement", engagement, stage: "accept" }]);
});

test("an app that starts anew out of sight takes orders, and is not told again what was shown: nobody looks at it", async () => {
  const { actions, mount, say, settled, take } = load({ moves: false });
  say({ type: "ready" });
  actions.afterSelectTask?.({ task: TASK });
  take();
  mount(null);
  actions.afterSelectTask?.({ task: TASK });
  assert.deepEqual(take(), []); // it is starting anew
  say({ type: "ready" });
  assert.deepEqual(take(), [token("flex-token-1")]);
  say({ type: "dial", order: ORDER });
  await settled();
  assert.deepEqual(take(), dialed("started"));
  actions.afterSelectTask?.({ task: TASK });
  assert.deepEqual(take(), [shown("select")], "a call that is taken up from Flex's notification");
  mount("place");
  say({ type: "ready" });
  assert.deepEqual(take(), [token("flex-token-1"), shown("select")]);
});
