// The built bundle in a stand-in browser: how it registers, what the app hears, and that Flex survives whatever happens.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const { FLEX_PLUGIN: PLUGIN = "", FLEX_PACKAGED: PACKAGED = "" } = process.env;
const DESKSIDE = "https://deskside.example";
const TASK = { sid: "WR1", taskSid: "WT1", attributes: { zd_ticket_id: "42" }, channelType: "voice" };

/** Runs the bundle as Flex's loader does; `app` is the panel's window. */
function load({
  src = `${DESKSIDE}/flex/plugin.js`,
  manager = {} as Record<string, unknown>,
  flex = {} as Record<string, unknown>,
  custom_data = {} as unknown,
  moves = true,
  outbound = "done",
  script = PLUGIN,
  plugins = undefined as unknown,
  ancestors = undefined as string[] | undefined,
  framed = false,
} = {}) {
  const shown: string[] = [];
  const place = (name: string) => {
    const show = (props: typeof element) => {
      shown.push(props?.label ? `${name}: ${props.label}` : name);
      element = props;
    };
    return { Content: { add: show, replace: show } };
  };
  const heard: unknown[] = [];
  const errors: unknown[] = [];
  const actions: Record<string, (payload?: unknown, abort?: () => void) => void> = {};
  const listeners: Record<string, ((payload?: unknown) => void)[]> = {};
  const events = new Proxy({} as Record<string, ((payload?: unknown) => void) | undefined>, {
    get: (_, name: string) => (payload?: unknown) => listeners[name]?.forEach((listener) => listener(payload)),
  });
  const changes: (() => void)[] = [];
  const invoked: unknown[] = [];
  const strings: Record<string, string> = {};
  const registered: Record<string, string> = {};
  const notified: string[] = [];
  const view = {} as { selectedTaskSid?: string };
  const state = { flex: { config: { theme: { isLight: true } }, view, worker: { tasks: new Map([["WR1", TASK]]) } } };
  const app = { postMessage: (message: unknown, target: string) => heard.push([target, message]) };
  const frame = { style: {}, contentWindow: app, parentNode: null as unknown, src: "", isConnected: false };
  const told: unknown[] = [];
  const topBar = { postMessage: (message: unknown, target: string) => told.push([target, message]) };
  const hears: ((event: unknown) => void)[] = [];
  const receive = (event: unknown) => hears.forEach((listener) => listener(event));
  let element: { ref(place: unknown): void; label?: string } | undefined;
  let plugin: { name: string; init(flex: unknown, manager: unknown, plugins?: unknown): unknown } | undefined;
  const window: Record<string, unknown> = {
    location: { origin: "https://flex.example", ancestorOrigins: ancestors },
    addEventListener: (_: string, listener: typeof receive) => void hears.push(listener),
    React: { createElement: (_: string, props: unknown) => props },
  };
  window.Twilio = { Flex: { Plugins: { init: (Plugin: new () => NonNullable<typeof plugin>) => (plugin = new Plugin()) } } };
  window.parent = framed ? topBar : window;
  const loads: string[] = [];
  const parent = (name: string) => {
    const node = {
      name,
      appendChild: (child: typeof frame) => {
        if (child !== frame) return; // a parent of the frame, not the frame
        loads.push(name);
        Object.assign(frame, { parentNode: node, isConnected: true });
      },
    };
    return moves ? Object.assign(node, { moveBefore: () => (frame.parentNode = node) }) : node;
  };
  const body = parent("body");
  const createElement = (tag: string) => (tag === "iframe" ? frame : parent("waiting"));
  const currentScript = { src, getAttribute: () => "mark" };
  const document = { currentScript, createElement, body };
  const console = { error: (...line: unknown[]) => errors.push(line) };
  vm.runInNewContext(readFileSync(script, "utf8"), { window, document, console, URL, setTimeout });
  assert.ok(plugin, "Plugins.init must be called while the script runs");
  document.currentScript = null as never; // as in a browser, once the script has run
  plugin.init(
    {
      Actions: {
        addListener: (name: string, listener: (payload?: unknown) => void) => (actions[name] = listener),
        // As Flex does it: by the time that it resolves the task is there, unless it silently did not call.
        invokeAction: async (name: string, payload: { taskAttributes?: object }) => {
          invoked.push([name, payload]);
          if (name !== "StartOutboundCall") return;
          if (outbound === "done") call(payload.taskAttributes);
          else if (outbound !== "silent") throw new Error(outbound);
        },
      },
      CRMContainer: place("CRM container"),
      AgentDesktopView: { Panel2: place("Panel 2") },
      TaskCanvasTabs: place("tab"),
      NotificationType: { warning: "warning" },
      Notifications: {
        registerNotification: ({ id, content }: { id: string; content: string }) => (registered[id] = content),
        showNotification: (id: string) => notified.push(strings[registered[id]]),
      },
      ...flex,
    },
    {
      user: { token: "flex-token-1" },
      configuration: { custom_data },
      localization: { localeTag: "ja" },
      events: {
        addListener: (name: string, listener: (payload?: unknown) => void) => (listeners[name] ??= []).push(listener),
      },
      strings,
      store: { getState: () => state, subscribe: (listener: () => void) => changes.push(listener) },
      ...manager,
    },
    plugins,
  );
  const call = (attributes?: object) => state.flex.worker.tasks.set("WR2", {
    sid: "WR2", taskSid: "WT2", channelType: "voice", status: "pending", attributes: { ...attributes, direction: "outbound" },
  } as never);
  const mount = (name: string | null) => {
    element?.ref(name && parent(name));
    return (frame.parentNode as { name: string } | null)?.name;
  };
  mount("place");
  const say = (data: unknown, origin = DESKSIDE, source: unknown = app) => receive({ data, origin, source });
  const copy = (all: unknown[]) => JSON.parse(JSON.stringify(all.splice(0)));
  const take = () => copy(heard);
  const frames = (data: unknown, origin = DESKSIDE, source: unknown = topBar) => receive({ data, origin, source });
  const settled = () => new Promise((done) => setImmediate(done));
  /** The agent completes a task: whether Flex may. */
  const completes = (payload: unknown) => {
    let may = true;
    actions.beforeCompleteTask?.(payload, () => (may = false));
    return may;
  };
  return {
    actions, call, changes, completes, errors, events, frame, frames, invoked, loads, mount, notified, say, settled, shown, state, take,
    told: () => copy(told),
  };
}

const token = (value: string, dark = false) => [DESKSIDE, { type: "token", token: value, locale: "ja", dark }];
const idle = [DESKSIDE, { type: "idle" }];
const NOTHING = { status: null, direction: "inbound", queue: null, from: null, to: null, created_ms: null, accepted_ms: null, ended_ms: null };
const facts = (task_sid: string, attributes: object, channel: string | null, reservation_sid: string | null) => (
  { task_sid, attributes, channel, reservation_sid, call: NOTHING }
);
const shown = (stage: string) => [
  DESKSIDE,
  { type: "engagement", engagement: facts("WT1", { zd_ticket_id: "42" }, "voice", "WR1"), stage },
];

test("it is at most 10 kB", () => assert.ok(statSync(PLUGIN).size <= 10_000));

test("the app that says ready is told the token and what is on", () => {
  const { actions, frame, say, take } = load();
  assert.equal(frame.src, `${DESKSIDE}/flex/panel?origin=https%3A%2F%2Fflex.example`);
  actions.afterSelectTask?.({ sid: "WR1", task: TASK });
  assert.deepEqual(take(), []); // nobody listens yet
  say({ type: "ready" });
  assert.deepEqual(take(), [token("flex-token-1"), shown("select")]);
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

test("once it is welcome it tells of calls and of what is popped, and the app knows", () => {
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

test("who dials out sees Flex already", () => {
  const { events, frames, told } = load({ framed: true });
  frames({ type: "welcome" });
  told();
  events.taskReceived?.({ ...TASK, attributes: { direction: "outbound" } });
  events.taskReceived?.(undefined);
  events.taskReceived?.({ sid: "WR1" });
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
