// Starts the light Flex page: signs the worker in, sets up `window.Twilio.Flex`, loads the plugin, plays the calls.
// The real thing answers in far more ways; what is here follows its contracts for plugins.
import { fill, html, toast } from "../shared/dom.js";
import { Actions } from "./actions.js";
import { Desktop } from "./desktop.js";
import { createManager, activityOf, ACTIVITIES } from "./manager.js";
import { Notifications } from "./notifications.js";
import { outbound } from "./outbound.js";
import { Plugins, Slot } from "./plugins.js";
import { React } from "./react.js";
import { newTask } from "./tasks.js";

const remembered = (name) => localStorage.getItem(`flex.${name}`);
const remember = (name, value) => localStorage.setItem(`flex.${name}`, value);

async function json(path, method = "GET", body = undefined) {
  const options = body === undefined ? {} : { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
  const answer = await fetch(path, { method, credentials: "omit", ...options });
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}`);
  return answer.json();
}

/** The worker whose page this is, as `?worker=ren` says; otherwise the first one. */
const workerOf = (workers) => workers.find(({ name }) => name === new URLSearchParams(location.search).get("worker")) ?? workers[0];

const tokenFor = ({ email, sid }) => json("/_sandbox/flex/token", "POST", { email, worker: sid });

async function start() {
  const isLight = remembered("theme") !== "dark";
  document.documentElement.dataset.scheme = isLight ? "light" : "dark";
  const settings = await json("/_sandbox/flex/page");
  const worker = workerOf(settings.workers);
  const freshToken = () => tokenFor(worker);
  const session = { ...(await freshToken()), full_name: worker.full_name };
  const manager = createManager({ session, locale: remembered("locale") ?? "en-US", isLight });
  document.documentElement.lang = manager.localization.localeTag;

  const crmContainer = new Slot();
  const actions = new Actions((...entry) => desktop.record(...entry));
  const plugins = new Plugins();
  const tasks = () => manager.store.getState().flex.worker.tasks;
  const TaskHelper = { getTaskByTaskSid: (sid) => tasks().get(sid) };
  const AgentDesktopView = { Panel2: new Slot(), defaultProps: { showPanel2: true } };
  const flex = {
    Actions: actions,
    AgentDesktopView,
    CRMContainer: crmContainer,
    Manager: { getInstance: () => manager },
    NotificationType: { success: "success", error: "error", warning: "warning", information: "information" },
    Notifications: new Notifications(manager),
    Plugins: plugins,
    TaskHelper,
  };
  window.React = React;
  window.Twilio = { Flex: flex };

  const play = calls(manager, actions, tasks);
  const desktop = new Desktop(manager, crmContainer, AgentDesktopView, {
    ...play,
    renew: async () => manager.renewToken(await freshToken()),
    theme: (theme) => {
      remember("theme", theme);
      document.documentElement.dataset.scheme = theme;
      manager.updateConfig({ theme: { isLight: theme === "light" } });
    },
    locale: (tag) => (remember("locale", tag), location.reload()),
    worker: (name) => {
      const next = new URL(location.href);
      next.searchParams.set("worker", name);
      location.assign(next);
    },
    activity: (sid) => {
      const activity = activityOf(ACTIVITIES.find(([known]) => known === sid));
      manager.store.update("worker", { activity });
      manager.events.emit("workerActivityUpdated", activity);
    },
    dialpad: (on) => (manager.serviceConfiguration.outbound_call_flows.default.enabled = on),
  });
  desktop.lay(settings);
  window.sandbox = { manager, actions, ring: play.ring }; // for scripts that drive this page
  desktop.pluginState(await plugins.load(settings.plugin_url, flex, manager));
}

/** The life of a call, by Flex's own actions. */
function calls(manager, actions, tasks) {
  let bare = false;
  const { store, events } = manager;
  const put = (task) => store.update("worker", { tasks: new Map(tasks()).set(task.sid, task) });
  const drop = ({ sid }) => store.update("worker", { tasks: new Map([...tasks()].filter(([one]) => one !== sid)) });
  const turn = (task, status, taskStatus, event) => {
    put(Object.assign(task, { status, taskStatus, dateUpdated: new Date() }));
    phone();
    events.emit(event, task);
  };
  /** The phone is in use while a call is live. */
  const phone = () => {
    const isLive = ({ taskChannelUniqueName, status }) => taskChannelUniqueName === "voice" && status === "accepted";
    store.update("phone", { activeCall: [...tasks().values()].find(isLive)?.taskSid });
  };
  /** What becomes of a task TaskRouter hears as well, and so does everybody whom Twilio tells. */
  const tell = async (task, step) => {
    await json(`/_sandbox/flex/tasks/${task.taskSid}/${step}`, "POST", {}).catch(() => undefined);
  };
  const of = ({ task, sid } = {}) => task ?? tasks().get(sid);
  const payload = (task) => (bare ? { sid: task.sid } : { sid: task.sid, task });
  const selected = () => store.getState().flex.view.selectedTaskSid;

  actions.registerAction("AcceptTask", async (given) => {
    const task = of(given);
    await tell(task, "accept");
    turn(task, "accepted", "assigned", "taskAccepted");
  });
  actions.registerAction("SelectTask", (given) => store.update("view", { selectedTaskSid: of(given)?.sid }));
  const wrapUp = async (task) => (await tell(task, "wrapup"), turn(task, "wrapping", "wrapping", "taskWrapup"));
  actions.registerAction("HangupCall", (given) => wrapUp(of(given)));
  actions.registerAction("WrapupTask", (given) => wrapUp(of(given)));
  actions.registerAction("RejectTask", async (given) => {
    const task = of(given);
    await tell(task, "reject");
    end(task, "rejected", "taskRejected");
  });
  actions.registerAction("CompleteTask", async (given) => {
    const task = of(given);
    await tell(task, "complete");
    end(task, "completed", "taskCompleted");
  });
  actions.registerAction("SetTaskAttributes", ({ attributes, ...given }) => of(given).setAttributes(attributes));

  function end(task, status, event) {
    drop(task);
    phone();
    events.emit(event, Object.assign(task, { status, taskStatus: status }));
  }
  /** Flex deselects a task that is gone with a `SelectTask` that names none. */
  const deselect = (task) => (selected() === task.sid && !tasks().has(task.sid) ? actions.invokeAction("SelectTask", {}) : undefined);

  const dialling = outbound(manager, tasks, async (task) => {
    const facts = { attributes: task.attributes, channel: task.channelType, routing_target: task.routingTarget };
    const placed = await json("/_sandbox/flex/tasks", "POST", facts);
    Object.assign(task, { taskSid: placed.sid, sid: placed.reservation_sid });
    put(task);
    events.emit("taskReceived", task);
  });
  manager.workerClient = { createTask: dialling.createTask };
  actions.registerAction("StartOutboundCall", dialling.startOutboundCall);

  const quietly = (action) => (task) => void action(task).catch((error) => toast(error.message, "error"));
  return {
    sidOnly: (on) => (bare = on),
    ring: async (call) => {
      // With the stand-in's TaskRouter the task exists on the server too, so its attributes can be written back.
      const task = newTask(call);
      const facts = { attributes: task.attributes, channel: call.channel, worker: manager.workerSid };
      const known = await json("/_sandbox/flex/tasks", "POST", facts).catch(() => undefined);
      if (known) Object.assign(task, { taskSid: known.sid, sid: known.reservation_sid ?? task.sid });
      put(task);
      events.emit("taskReceived", task);
      return task;
    },
    accept: quietly(async (task) => {
      await actions.invokeAction("AcceptTask", { ...payload(task), conferenceOptions: {} });
      await actions.invokeAction("SelectTask", payload(task));
    }),
    select: quietly((task) => actions.invokeAction("SelectTask", task ? payload(task) : {})),
    reject: quietly(async (task) => (await actions.invokeAction("RejectTask", payload(task)), await deselect(task))),
    cancel: quietly(async (task) => {
      await tell(task, "cancel");
      end(task, "canceled", "taskCanceled");
      await deselect(task);
    }),
    answered: quietly(async (task) => (await tell(task, "accept"), turn(task, "accepted", "assigned", "taskAccepted"))),
    unanswered: quietly(async (task) => {
      await tell(task, "cancel");
      end(task, "canceled", "taskCanceled");
      await deselect(task);
    }),
    hangUp: quietly((task) => actions.invokeAction("HangupCall", payload(task))),
    complete: quietly(async (task) => (await actions.invokeAction("CompleteTask", payload(task)), await deselect(task))),
  };
}

start().catch((error) => {
  const sentence = `Flex could not start. ${error.message}. Is the sandbox still running?`;
  fill(document.body, html`<p class="empty" role="alert">${sentence}</p>`);
});
