// Calls that the agent makes, in the order in which Flex UI 2.17 asks its questions, and in the words of its `ActionErrors`.
// The task is the worker's own; TaskRouter calls both ends and accepts it when the other end answers, without any action.
// Source: flex-ui, OutboundCalling and WorkerActions; twilio-taskrouter, Worker.createTask.
import { newCall } from "./tasks.js";

export const OFFLINE = `WA${"1".repeat(32)}`;

/** What an admin has set for calls that agents make. */
export const FLOWS = {
  default: {
    enabled: true, caller_id: "+815011110000", location: "JP",
    queue_sid: `WQ${"a".repeat(32)}`, workflow_sid: `WW${"a".repeat(32)}`,
  },
};

/** `place` makes the task at TaskRouter and puts it into the list. */
export function outbound(manager, tasks, place) {
  const state = () => manager.store.getState().flex;
  const isCall = ({ taskChannelUniqueName }) => taskChannelUniqueName === "voice";
  const some = (status) => [...tasks().values()].some((task) => isCall(task) && task.status === status);
  let pending = false;

  async function startOutboundCall({ destination, callerId, queueSid, taskAttributes }) {
    if (pending) throw new Error("outbound call action already pending");
    pending = true;
    try {
      const { outbound_call_flows: flows, taskrouter_offline_activity_sid: offline } = manager.serviceConfiguration;
      if (!flows?.default?.enabled) throw new Error("outbound calling disabled");
      if (state().phone.activeCall) throw new Error("voice call already live");
      if (some("pending")) throw new Error("cannot do outbound calls with a pending inbound call");
      if (some("accepted")) throw new Error("live call task already exists");
      if (state().worker.activity.sid === offline) throw new Error("cannot do outbound calls when offline");
      if (!destination || destination.startsWith("client:")) throw new Error("invalid destination");
      const queue = queueSid ?? flows.default.queue_sid;
      const from = callerId ?? flows.default.caller_id;
      if (!queue) throw new Error("missing queue");
      if (!from) throw new Error("missing 'from' argument");
      const attributes = { ...taskAttributes, direction: "outbound" };
      const options = { attributes, taskChannelUniqueName: "voice" };
      await createTask(destination, from, flows.default.workflow_sid, queue, options).catch((wrapped) => {
        throw Object.assign(new Error("task could not be created"), { description: wrapped.message });
      });
    } finally {
      pending = false;
    }
  }

  /** TaskRouter's own: it knows nothing of Flex's rules. */
  async function createTask(to, from, workflowSid, queueSid, { attributes, taskChannelUniqueName }) {
    for (const [name, value] of Object.entries({ to, from, workflowSid, queueSid })) {
      if (typeof value !== "string") throw new TypeError(`Error calling method createTask(). <string>${name} is a required parameter.`);
    }
    const task = newCall({ to, from, attributes, channel: taskChannelUniqueName ?? "voice", worker: manager.workerSid });
    await place(task);
    return task.taskSid;
  }

  return { startOutboundCall, createTask };
}
