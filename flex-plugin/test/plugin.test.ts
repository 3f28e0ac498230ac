// The built bundle: how it registers, what the app hears, and that Flex survives whatever happens.
import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { test } from "node:test";
import { DESKSIDE, NOTHING, PACKAGED, PLUGIN, TASK, facts, idle, load, shown, token } from "./flex";

test("it is at most 10 kB", () => assert.ok(statSync(PLUGIN).size <= 10_000));

test("the app that says ready is told the token and what is on", () => {
  const { actions, frame, say, take } = load();
  assert.equal(frame.src, `${DESKSIDE}/flex/panel?origin=https%3A%2F%2Fflex.example`);
  actions.afterSelectTask?.({ sid: "WR1", task: TASK });
  assert.deepEqual(take(), []); // nobody listens yet
  say({ type: "ready" });
  assert.deepEqual(take(), [token("flex-token-1"), shown("select")]);
});

test("what was accepted before anybody listened is told as accepted, although Flex selects it right after", () => {
  const { actions, say, take } = load();
  actions.afterAcceptTask?.({ sid: "WR1", task: TASK });
  actions.afterSelectTask?.({ sid: "WR1", task: TASK });
  say({ type: "ready" });
  const stages = take().flatMap(([, message]: [string, { stage?: string }]) => message.stage ?? []);
  assert.deepEqual(stages, ["accept"]);
});

test("a call that goes on when Flex was reloaded is shown once Flex has found it", () => {
  const { changes, say, state, take } = load();
  say({ type: "ready" });
  take();
  changes.forEach((change) => change());
  assert.deepEqual(take(), []);
  state.flex.view.selectedTaskSid = "WR1";
  changes.forEach((change) => change());
  changes.forEach((change) => change());
  assert.deepEqual(take(), [shown("select")]);
});

test("what the agent does is told once, although the store changes as well", () => {
  const { actions, changes, say, state, take } = load();
  say({ type: "ready" });
  take();
  actions.beforeAcceptTask?.({ sid: "WR1", task: TASK });
  state.flex.view.selectedTaskSid = "WR1";
  changes.forEach((change) => change());
  actions.afterAcceptTask?.({ sid: "WR1", task: TASK });
  const told = take();
  assert.deepEqual(told.map(([, message]: [string, { stage: string }]) => message.stage), ["accept"]);
});

test("accepting, switching and deselecting are told at once", () => {
  const { actions, say, take } = load();
  say({ type: "ready" });
  take();
  actions.afterSelectTask?.({ sid: "WR1" });
  actions.afterSelectTask?.({});
  actions.afterSelectTask?.(undefined);
  assert.deepEqual(take(), [shown("select"), idle]);
  actions.afterAcceptTask?.({ sid: "WR1", task: TASK });
  const [[, accepted]] = take();
  assert.equal(accepted.stage, "accept");
  assert.ok(accepted.engagement.call.accepted_ms > 1.7e12, "when it was accepted is known");
});

test("what becomes of the call on the screen is told, of another not", () => {
  const { actions, events, say, take } = load();
  say({ type: "ready" });
  actions.afterSelectTask?.({ task: TASK });
  take();
  events.taskWrapup?.({ ...TASK, taskSid: "WT2" });
  events.taskUpdated?.(undefined);
  assert.deepEqual(take(), []);
  events.taskWrapup?.({ ...TASK, sid: "WR9", status: "wrapping", queueName: "Billing", dateUpdated: 5000 });
  const call = { ...NOTHING, status: "wrapping", queue: "Billing", ended_ms: 5000 };
  assert.deepEqual(take(), [[DESKSIDE, { type: "call", task_sid: "WT1", call }]]);
});

test("a task whose ticket is still to be chosen is not completed, and the agent is told why", () => {
  const { actions, completes, notified, say, take } = load();
  say({ type: "ready" });
  actions.afterSelectTask?.({ task: TASK });
  say({ type: "choice", task_sid: "WT1", open: true, told: "先にチケットを選択してください。" });
  take();
  assert.equal(completes({ sid: "WR1" }), false);
  assert.deepEqual(take(), [[DESKSIDE, { type: "choose_first", task_sid: "WT1" }]]);
  assert.deepEqual(notified, ["先にチケットを選択してください。"]);
  say({ type: "choice", task_sid: "WT1", open: true }); // it lives, and says so again
  assert.equal(completes({ task: TASK }), false);
  say({ type: "choice", task_sid: "WT1", open: false });
  assert.equal(completes({ task: TASK }), true);
});

test("nobody is held back by a panel that does not answer, is gone, or shows another task", () => {
  const open = { type: "choice", task_sid: "WT1", open: true };
  const held = () => {
    const loaded = load();
    loaded.say({ type: "ready" });
    loaded.actions.afterSelectTask?.({ task: TASK });
    loaded.say(open);
    return loaded;
  };
  const silent = held();
  assert.deepEqual([silent.completes({ task: TASK }), silent.completes({ task: TASK })], [false, true]);
  const other = held();
  other.actions.afterSelectTask?.({ task: { ...TASK, sid: "WR2", taskSid: "WT2" } });
  assert.equal(other.completes({ task: TASK }), true);
  const rebuilt = held();
  rebuilt.say({ type: "ready" }); // the app started anew, and has not said so again
  assert.equal(rebuilt.completes({ task: TASK }), true);
  const gone = held();
  gone.mount(null); // another view: the agent could not choose
  assert.equal(gone.completes({ task: TASK }), true);
  const fresh = load();
  fresh.say(open); // before it is known what is shown
  for (const odd of [undefined, null, {}, { sid: 7 }, { task: {} }, { sid: "WR-unknown" }]) assert.equal(fresh.completes(odd), true);
  assert.equal(load({ flex: { Notifications: undefined } }).errors.length, 0);
});

test("when the shown task ends the panel is idle; another task's end changes nothing", () => {
  const { actions, events, say, take } = load();
  say({ type: "ready" });
  actions.afterSelectTask?.({ task: TASK });
  take();
  events.taskCanceled?.({ taskSid: "WT2" });
  events.taskCompleted?.(undefined);
  assert.deepEqual(take(), []);
  events.taskCanceled?.(TASK);
  assert.deepEqual(take(), [idle]);
});

test("a task that is finished is told with what it ended with, shown or not", () => {
  const { events, say, take } = load();
  say({ type: "ready" });
  take();
  events.taskCompleted?.({ taskSid: "WT2", sid: "WR2", attributes: { conversations: { outcome: "Solved" } } });
  const engagement = facts("WT2", { conversations: { outcome: "Solved" } }, null, "WR2");
  assert.deepEqual(take(), [[DESKSIDE, { type: "ended", engagement }]]);
});

test("a renewed token is passed on, a refused one is not sent again", () => {
  const { events, say, take } = load();
  say({ type: "ready" });
  take();
  say({ type: "token_expired" });
  assert.deepEqual(take(), []);
  events.tokenUpdated?.({ token: "flex-token-2" });
  assert.deepEqual(take(), [token("flex-token-2")]);
});

test("light and dark are followed", () => {
  const { changes, say, state, take } = load();
  say({ type: "ready" });
  take();
  changes.forEach((change) => change());
  assert.deepEqual(take(), []);
  state.flex.config.theme.isLight = false;
  changes.forEach((change) => change());
  assert.deepEqual(take(), [[DESKSIDE, { type: "theme", dark: true }]]);
});

test("the panel is where the admin wants it, and in the CRM container where Flex has no such place", () => {
  const check = (custom_data: unknown, expected: string, flex = {}) =>
    assert.deepEqual(load({ custom_data, flex }).shown, [expected], JSON.stringify(custom_data));
  for (const odd of [undefined, null, {}, { deskside_panel: "crm" }, { deskside_panel: "Tab" }, { deskside_panel: 7 }]) {
    check(odd, "CRM container");
  }
  check({ deskside_panel: "tab" }, "tab: Deskside");
  check({ deskside_panel: "panel2" }, "Panel 2");
  check({ deskside_panel: "tab" }, "CRM container", { TaskCanvasTabs: undefined });
  check({ deskside_panel: "panel2" }, "CRM container", { AgentDesktopView: {} });
});

test("as Twilio's CLI builds it, it goes to the Deskside that it was packaged for, or that the admin names", () => {
  const check = (src: string, custom_data: unknown, expected: string) => {
    const { frame } = load({ script: PACKAGED, src, custom_data });
    assert.equal(frame.src, `${expected}/flex/panel?origin=https%3A%2F%2Fflex.example`);
  };
  const twilio = "https://default-1234.twil.io/plugins/plugin-deskside/1.2.3/bundle.js";
  check(twilio, {}, "https://packaged.example");
  check("", {}, "https://packaged.example");
  check(twilio, { deskside_url: "https://another.example" }, "https://another.example");
});

test("written into the page, it finds its address in Flex's list of plugins", () => {
  const listed = (uuid: string, src: unknown) => [{ uuid: "another", src: "https://another.example/x.js" }, { uuid, src }];
  const { frame } = load({ src: "", plugins: listed("mark", `${DESKSIDE}/app/plugin-1.js`) });
  assert.equal(frame.src, `${DESKSIDE}/flex/panel?origin=https%3A%2F%2Fflex.example`);
  for (const plugins of [undefined, [], listed("mark", 7), listed("unknown", DESKSIDE)]) {
    assert.equal(load({ src: "", plugins }).errors.length, 1);
  }
});

test("without a place the panel waits, and a new place does not reload it", () => {
  const { actions, loads, mount, say, take } = load();
  assert.deepEqual(loads, ["waiting"]); // the app starts at once, wherever it will be
  say({ type: "ready" });
  take();
  assert.equal(mount(null), "waiting");
  actions.afterSelectTask?.({ sid: "WR1", task: TASK });
  assert.deepEqual(take(), [shown("select")]);
  assert.equal(mount("another place"), "another place");
  assert.deepEqual(loads, ["waiting"]);
});

test("a browser that cannot move a frame loads it again, and it is told again", () => {
  const { actions, loads, mount, say, take } = load({ moves: false });
  say({ type: "ready" });
  actions.afterSelectTask?.({ sid: "WR1", task: TASK });
  take();
  assert.equal(mount(null), "waiting");
  assert.equal(mount("another place"), "another place");
  assert.deepEqual(loads, ["waiting", "place", "waiting", "another place"]);
  actions.afterSelectTask?.({ sid: "WR1" });
  assert.deepEqual(take(), []); // it does not listen yet
  say({ type: "ready" });
  assert.deepEqual(take(), [token("flex-token-1"), shown("select")]);
});

test("a stranger is not answered", () => {
  const { say, take } = load();
  say({ type: "ready" }, "https://evil.example");
  say({ type: "ready" }, DESKSIDE, {});
  say({ type: "ready" }, DESKSIDE, null);
  for (const odd of [null, undefined, 7, "ready", [], {}, { type: "unknown" }, { type: "height", height: 9 }, { type: "choice" }]) say(odd);
  assert.deepEqual(take(), []);
});

test("whatever fails, Flex goes on", () => {
  assert.equal(load({ src: "" }).errors.length, 1);
  assert.equal(load({ flex: { CRMContainer: undefined } }).errors.length, 1);
  assert.equal(load({ manager: { store: undefined, events: undefined, user: undefined } }).errors.length, 0);
});
