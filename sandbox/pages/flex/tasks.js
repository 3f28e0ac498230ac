// Tasks as Flex hands them to plugins, and the calls that the page can simulate: what an IVR gathered as
// `zd_ticket_id`, from well-behaved to anything that real flows have sent. Numbers are those of the seeded account.

/** What the caller typed; `undefined` leaves the attribute out. */
export const GATHERED = [
  ["Ticket 42", "42"],
  ["Ticket 42, as a number", 42],
  ["Ticket 42 with blanks and #", " 42# "],
  ["Another ticket: 38", "38"],
  ["Closed ticket: 59", "59"],
  ["Deleted ticket: 13", "13"],
  ["No attribute", undefined],
  ["Empty", ""],
  ["null", null],
  ["“undefined”", "undefined"],
  ["“42; drop”", "42; drop"],
  ["A list", ["42"]],
  ["An object", { ticket: 42 }],
  ["40 digits", "4".repeat(40)],
  ["No such ticket: 999999", "999999"],
  ["Negative", "-42"],
  ["Full-width digits", "４２"],
];

export const CALLERS = [
  ["+81 50-1234-0042", "+815012340042"], // who asked ticket 42
  ["+81 50-1234-9999", "+815012349999"], // nobody knows
  ["+82 70-1234-5678", "+827012345678"],
  ["+1 555-0100", "+15550100"],
  ["Anonymous", "anonymous"],
];

export const CHANNELS = [["voice", "voice"], ["chat", "chat"], ["sms", "sms"]];

const sid = (prefix) => prefix + crypto.randomUUID().replaceAll("-", "");

/** One reservation with its task. `sid` is the reservation's, `taskSid` the task's, as in Flex. */
export function newTask({ gathered, caller, channel }) {
  const attributes = { from: caller, name: caller, direction: "inbound", call_sid: sid("CA"), conversations: {} };
  if (gathered !== undefined) attributes.zd_ticket_id = gathered;
  return reserved(attributes, channel, { defaultFrom: caller });
}

/** A call that the worker makes: their own task. Flex gives it no `call_sid`. */
export function newCall({ to, from, attributes, channel, worker }) {
  const all = { ...attributes, outbound_to: to, from, conversations: {} };
  return reserved(all, channel, { defaultFrom: to, routingTarget: worker });
}

export const isOutbound = ({ routingTarget, attributes }) => Boolean(routingTarget) && attributes.direction === "outbound";

function reserved(attributes, channel, more) {
  const task = {
    sid: sid("WR"), taskSid: sid("WT"), attributes, status: "pending", taskStatus: "reserved",
    channelType: channel, taskChannelUniqueName: channel, queueName: "Support", workflowName: "Assign to Anyone",
    priority: 0, dateCreated: new Date(), dateUpdated: new Date(), ...more,
    setAttributes: async (next) => Object.assign(task, { attributes: next, dateUpdated: new Date() }),
  };
  return task;
}
