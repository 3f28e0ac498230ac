// A stand-in browser with a stand-in Flex, in which the built bundle runs as Flex's loader runs it.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import vm from "node:vm";

export const { FLEX_PLUGIN: PLUGIN = "", FLEX_PACKAGED: PACKAGED = "" } = process.env;
export const DESKSIDE = "https://deskside.example";
export const TASK = { sid: "WR1", taskSid: "WT1", attributes: { zd_ticket_id: "42" }, channelType: "voice" };

/** Runs the bundle as Flex's loader does; `app` is the panel's window. */
export function load({
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

export const token = (value: string, dark = false) => [DESKSIDE, { type: "token", token: value, locale: "ja", dark }];
export const idle = [DESKSIDE, { type: "idle" }];
export const NOTHING = { status: null, direction: "inbound", queue: null, from: null, to: null, created_ms: null, accepted_ms: null, ended_ms: null };
export const facts = (task_sid: string, attributes: object, channel: string | null, reservation_sid: string | null) => (
  { task_sid, attributes, channel, reservation_sid, call: NOTHING }
);
export const shown = (stage: string) => [
  DESKSIDE,
  { type: "engagement", engagement: facts("WT1", { zd_ticket_id: "42" }, "voice", "WR1"), stage },
];
