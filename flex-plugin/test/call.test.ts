// How a call stands, as far as Flex tells.
import assert from "node:assert/strict";
import { test } from "node:test";
import { accepted, callOf, isDialled, isOutbound } from "../src/call";
import type { Task } from "../src/flex";

const NOW = 1_000_000;
const at = (seconds: number) => new Date(seconds * 1000);
const task = (sid: string, more: object): Task => ({ sid, taskSid: "WT1", attributes: {}, ...more });

function check(given: Task, expected: object, now = NOW): void {
  const call = callOf(given, now) as unknown as Record<string, unknown>;
  for (const [name, value] of Object.entries(expected)) assert.equal(call[name], value, name);
}

test("numbers are those that Flex shows, also where it masks them", () => {
  const attributes = { from: "+815012340042", to: "+81311112222", direction: "inbound" };
  const masked = task("WR1", { attributes, defaultFrom: "+81 50 **** 0042", queueName: "Billing", status: "pending" });
  check(masked, { from: "+81 50 **** 0042", to: "+81311112222", direction: "inbound", queue: "Billing", status: "pending" });
  check(task("WR1", { attributes }), { from: "+815012340042" });
  const outbound = { direction: "outbound-api", from: "+81311112222", outbound_to: "+815012340042" };
  check(task("WR1", { attributes: outbound, defaultFrom: "+81311112222" }), {
    direction: "outbound", from: "+81311112222", to: "+815012340042",
  });
});

test("who was called is one question, whether this agent called is another", () => {
  const check = (attributes: unknown, ...expected: boolean[]) =>
    assert.deepEqual([isOutbound(attributes), isDialled(attributes)], expected, JSON.stringify(attributes));
  check({ direction: "outbound" }, true, true); // StartOutboundCall
  check({ direction: "outbound-api" }, true, false); // a flow called, and the agent is asked whether they take it
  check({ direction: "Outbound-Dial" }, true, false);
  check({ direction: "inbound" }, false, false);
  for (const odd of [{}, { direction: 7 }, { direction: null }, null, undefined, "outbound"]) check(odd, false, false);
});

test("when it was accepted is remembered, and where nobody saw it, it is when it last changed", () => {
  const call = { dateCreated: at(100), dateUpdated: at(130), status: "accepted" };
  accepted(task("WR2", {}), 125_000);
  check(task("WR2", call), { created_ms: 100_000, accepted_ms: 125_000, ended_ms: null });
  check(task("WR2", { ...call, dateUpdated: at(400) }), { accepted_ms: 125_000 }); // its attributes changed
  check(task("WR3", call), { accepted_ms: 130_000 });
  check(task("WR3", { ...call, dateUpdated: at(400) }), { accepted_ms: 130_000 });
});

test("a conversation that is over has an end, and it does not move", () => {
  const over = { dateCreated: at(100), dateUpdated: at(300), status: "wrapping" };
  accepted(task("WR4", {}), 120_000);
  check(task("WR4", over), { accepted_ms: 120_000, ended_ms: 300_000 });
  check(task("WR4", { ...over, dateUpdated: at(350), status: "completed" }), { ended_ms: 300_000 });
});

test("odd times are none", () => {
  for (const dateCreated of ["soon", NaN, -1, {}, null]) {
    check(task("WR5", { dateCreated, status: 7, queueName: 7, defaultFrom: {} }), { created_ms: null, status: null, queue: null });
  }
  check(task("WR5", { attributes: null, dateCreated: "2026-11-22T12:00:00Z" }), { created_ms: 1_795_348_800_000 });
});
