// Calls somebody, as Flex's own dialpad does, and says what came of it. What Flex refuses with is its own text, the same in
// every language: `ActionErrors` of Flex UI 2.17.
import { isDialled } from "./call";
import type { Flex, Manager, Task } from "./flex";
import type { DialOrder } from "./wire/DialOrder";
import type { DialOutcome } from "./wire/DialOutcome";

const REFUSALS: readonly (readonly [RegExp, DialOutcome])[] = [
  [/when offline/, "offline"],
  [/already live|already exists|pending inbound|already pending/, "on_call"],
  [/calling disabled|missing queue|missing 'from'|RoutingTarget/, "not_enabled"],
  [/(invalid|missing) destination/, "number"],
];

/** Never throws. An action that another plugin stopped, or that found no microphone, ends without an error and without a task. */
export async function dial(flex: Flex, manager: Manager, order: DialOrder): Promise<DialOutcome> {
  try {
    const before = new Set(calls(manager).map(({ sid }) => sid));
    const refused = await (order.workflow_sid || order.task_channel_sid ? place(manager, order) : start(flex, order));
    if (refused) return refused;
    const call = calls(manager).find(({ sid, attributes }) => isDialled(attributes) && !before.has(sid));
    if (!call) return "failed";
    await flex.Actions.invokeAction("SelectTask", { sid: call.sid }).catch(() => undefined);
    return "started";
  } catch (error) {
    const { message, description } = (error ?? {}) as { message?: unknown; description?: unknown };
    const text = `${message} ${description}`;
    return REFUSALS.find(([words]) => words.test(text))?.[1] ?? "failed";
  }
}

/** What Flex is set to, but for what the order says. */
async function start(flex: Flex, { destination, caller_id, queue_sid, attributes }: DialOrder): Promise<undefined> {
  const payload = { destination, callerId: caller_id ?? undefined, queueSid: queue_sid ?? undefined };
  await flex.Actions.invokeAction("StartOutboundCall", { ...payload, taskAttributes: attributes });
}

/** `StartOutboundCall` takes neither a workflow nor a task channel; this is what it does with its own, and when it refuses. */
async function place(manager: Manager, order: DialOrder): Promise<DialOutcome | undefined> {
  const { outbound_call_flows: flows, taskrouter_offline_activity_sid: offline } = manager.serviceConfiguration ?? {};
  const { phone, worker } = manager.store?.getState().flex ?? {};
  const { enabled, caller_id, queue_sid, workflow_sid } = flows?.default ?? {};
  const from = order.caller_id ?? caller_id;
  const workflow = order.workflow_sid ?? workflow_sid;
  const queue = order.queue_sid ?? queue_sid;
  if (!enabled || !from || !workflow || !queue || !manager.workerClient) return "not_enabled";
  const busy = ({ status, ...task }: Task) => isVoice(task) && (status === "pending" || status === "accepted");
  if (phone?.activeCall || calls(manager).some(busy)) return "on_call";
  if (offline && worker?.activity?.sid === offline) return "offline";
  const channel = order.task_channel_sid
    ? { taskChannelSid: order.task_channel_sid }
    : { taskChannelUniqueName: "voice" };
  const attributes = { ...order.attributes, direction: "outbound" };
  const created = reserved(manager);
  await manager.workerClient.createTask(order.destination, from, workflow, queue, { ...channel, attributes });
  await created;
  return undefined;
}

export const isVoice = ({ channelType, taskChannelUniqueName }: Task) =>
  (taskChannelUniqueName ?? channelType) === "voice";

const RESERVATION_TIMEOUT = 5000; // ms; TaskRouter reserves a task with a worker of its own at once

/** The worker's next reservation; nothing where none comes. */
const reserved = (manager: Manager) =>
  new Promise<void>((done) => {
    const heard = () => {
      manager.events?.removeListener?.("taskReceived", heard);
      done();
    };
    manager.events?.addListener("taskReceived", heard);
    setTimeout(heard, RESERVATION_TIMEOUT);
  });

const calls = (manager: Manager): Task[] => [...(manager.store?.getState().flex?.worker?.tasks?.values() ?? [])];
