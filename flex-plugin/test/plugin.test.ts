// The built bundle in a stand-in browser: how it registers, what the app hears, and that Flex survives whatever happens.
import assert from "node:assert/strict";
import { readFileSync, statSync } from "node:fs";
import { test } from "node:test";
import vm from "node:vm";

const PLUGIN = process.env.FLEX_PLUGIN ?? "";
const DESKSIDE = "https://deskside.example";
const TASK = { sid: "WR1", taskSid: "WT1", attributes: { zd_ticket_id: "42" }, channelType: "voice" };

/** Runs the bundle as Flex's loader does; `app` is the panel's window. */
function load({ src = `${DESKSIDE}/flex/plugin.js`, manager = {} as Record<string, unknown>, flex = {} } = {}) {
  const heard: unknown[] = [];
  const errors: unknown[] = [];
  const actions: Record<string, (payload?: unknown) => void> = {};
  const events: Record<string, (payload?: unknown) => void> = {};
  const changes: (() => void)[] = [];
  const state = { flex: { config: { theme: { isLight: true } }, worker: { tasks: new Map([["WR1", TASK]]) } } };
  const app = { postMessage: (message: unknown, target: string) => heard.push([target, message]) };
  const frame = { style: {}, contentWindow: app, parentNode: null as unknown, src: "" };
  let receive: (event: unknown) => void = () => {};
  let element: { ref(place: unknown): void } | undefined;
  let plugin: { name: string; init(flex: unknown, manager: unknown): unknown } | undefined;
  const window: Record<string, unknown> = {
    location: { origin: "https://flex.example" },
    addEventListener: (_: string, listener: typeof receive) => (receive = listener),
    React: { createElement: (_: string, props: unknown) => props },
  };
  window.Twilio = { Flex: { Plugins: { init: (Plugin: new () => NonNullable<typeof plugin>) => (plugin = new Plugin()) } } };
  const document = { currentScript: { src }, createElement: () => frame };
  const console = { error: (...line: unknown[]) => errors.push(line) };
  vm.runInNewContext(readFileSync(PLUGIN, "utf8"), { window, document, console, URL });
  assert.ok(plugin, "Plugins.init must be called while the script runs");
  document.currentScript = null as never; // as in a browser, once the script has run
  plugin.init(
    {
      Actions: { addListener: (name: string, listener: (payload?: unknown) => void) => (actions[name] = listener) },
      CRMContainer: { Content: { replace: (props: typeof element) => (element = props) } },
      ...flex,
    },
    {
      user: { token: "flex-token-1" },
      localization: { localeTag: "ja" },
      events: { addListener: (name: string, listener: (payload?: unknown) => void) => (events[name] = listener) },
      store: { getState: () => state, subscribe: (listener: () => void) => changes.push(listener) },
      ...manager,
    },
  );
  const place = { appendChild: (child: typeof frame) => (child.parentNode = place) };
  element?.ref(place);
  const say = (data: unknown, origin = DESKSIDE, source: unknown = app) => receive({ data, origin, source });
  const take = () => JSON.parse(JSON.stringify(heard.splice(0)));
  return { actions, changes, errors, events, frame, say, state, take };
}

const token = (value: string, dark = false) => [DESKSIDE, { type: "token", token: value, locale: "ja", dark }];
const idle = [DESKSIDE, { type: "idle" }];
const facts = (task_sid: string, attributes: object, channel: string | null, reservation_sid: string | null) => (
  { task_sid, attributes, channel, reservation_sid }
);
const shown = (stage: string) => [
  DESKSIDE,
  { type: "engagement", engagement: facts("WT1", { zd_ticket_id: "42" }, "voice", "WR1"), stage },
];

test("it is at most 10 kB", () => assert.ok(statSync(PLUGIN).size <= 10_000));

test("the app that says ready is told the token and what is on", () => {
  const { actions, frame, say, take } = load();
  assert.equal(frame.src, `${DESKSIDE}/flex/panel?origin=https%3A%2F%2Fflex.example`);
  actions.afterAcceptTask?.({ sid: "WR1", task: TASK });
  assert.deepEqual(take(), []); // nobody listens yet
  say({ type: "ready" });
  assert.deepEqual(take(), [token("flex-token-1"), shown("accept")]);
});

test("accepting, switching and deselecting are told at once", () => {
  const { actions, say, take } = load();
  say({ type: "ready" });
  take();
  actions.afterAcceptTask?.({ sid: "WR1", task: TASK });
  actions.afterSelectTask?.({ sid: "WR1" });
  actions.afterSelectTask?.({});
  actions.afterSelectTask?.(undefined);
  assert.deepEqual(take(), [shown("accept"), shown("select"), idle]);
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

test("a stranger is not answered", () => {
  const { say, take } = load();
  say({ type: "ready" }, "https://evil.example");
  say({ type: "ready" }, DESKSIDE, {});
  say({ type: "ready" }, DESKSIDE, null);
  for (const odd of [null, undefined, 7, "ready", [], {}, { type: "unknown" }, { type: "height", height: 9 }]) say(odd);
  assert.deepEqual(take(), []);
});

test("whatever fails, Flex goes on", () => {
  assert.equal(load({ src: "" }).errors.length, 1);
  assert.equal(load({ flex: { CRMContainer: undefined } }).errors.length, 1);
  assert.equal(load({ manager: { store: undefined, events: undefined, user: undefined } }).errors.length, 0);
});
