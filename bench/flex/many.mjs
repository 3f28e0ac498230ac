// 200 engagements that are accepted in the same second, told by the agents' browsers and by Twilio at once, each twice. Says
// how long the answers took, how long until every note was written, and what is wrong. Started by `cargo xtask bench flex`;
// the last line on standard output is JSON.
import { setTimeout as pause } from "node:timers/promises";
import { json } from "./sequence.mjs";

const { BENCH_ZENDESK, BENCH_TWILIO, BENCH_SERVER, BENCH_ENGAGEMENTS = "200" } = process.env;
const COUNT = Number(BENCH_ENGAGEMENTS);
/** Two people: the server answers 300 requests of one in ten seconds. */
const AGENTS = [
  { email: "agent@example.com", worker: "WKaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" },
  { email: "mika.owner@example.com", worker: "WKbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb" },
];
const NOTES_TIMEOUT = 180_000; // ms, for the notes
/** Has two open tickets in the sandbox's account. */
const KNOWN_CALLER = "+815012340042";

/** Kinds of engagements, in turns: what the task says, and what must come of it. */
const KINDS = [
  (n) => ({ attributes: { zd_ticket_id: "42", from: number(n) }, outcome: "ticket", ticket: 42 }),
  (n) => ({ attributes: { zd_ticket_id: "38", from: number(n) }, outcome: "ticket", ticket: 38 }),
  (n) => ({ attributes: { from: number(n) }, outcome: "ticket", created: true, caller: number(n) }),
  // Several calls of one stranger: one user; whoever calls while their ticket is open comes to that one.
  (n) => ({ attributes: { from: number(n - (n % 10)) }, outcome: "ticket", created: true, caller: number(n - (n % 10)) }),
  () => ({ attributes: { from: KNOWN_CALLER }, outcome: "choose" }),
];
const number = (n) => `+8150999${String(n).padStart(5, "0")}`;

const login = await json(`${BENCH_ZENDESK}/_sandbox/workspace/login`, "POST", { agent_id: 9001 });
const admin = { authorization: `Bearer ${login.token}` };
const api = (path) => json(`${BENCH_ZENDESK}/api/v2/${path}`, "GET", undefined, admin);
const ticketsOfAll = async () => (await json(`${BENCH_ZENDESK}/_sandbox/state`)).tickets.map(({ id }) => id);

const bearers = await Promise.all(AGENTS.map(async (agent) => {
  const { token } = await json(`${BENCH_TWILIO}/_sandbox/flex/token`, "POST", agent);
  return (await json(`${BENCH_SERVER}/api/session/flex`, "POST", { token })).token;
}));

const engagements = await Promise.all(Array.from({ length: COUNT }, async (_, n) => {
  const { attributes, ...expected } = KINDS[n % KINDS.length](n);
  const place = { attributes: { ...attributes, name: `Caller ${n}` }, channel: "voice", worker: AGENTS[n % AGENTS.length].worker };
  const task = await json(`${BENCH_TWILIO}/_sandbox/flex/tasks`, "POST", place);
  return { n, task: task.sid, reservation: task.reservation_sid, attributes: place.attributes, expected };
}));

async function pop({ n, task, reservation, attributes }) {
  const began = performance.now();
  const headers = { authorization: `Bearer ${bearers[n % AGENTS.length]}` };
  const body = { attributes, stage: "accept", reservation_sid: reservation };
  const popped = await json(`${BENCH_SERVER}/api/engagements/${task}/pop`, "POST", body, headers);
  return { popped, ms: performance.now() - began };
}

const before = await ticketsOfAll();
const began = performance.now();
const answers = await Promise.all(engagements.map(async (engagement) => {
  // Each agent's press falls somewhere in the second. Twilio reports it, too, and the browser asks once more.
  await pause((engagement.n * 7919) % 1000);
  const [first, second] = await Promise.all([
    pop(engagement),
    pop(engagement),
    json(`${BENCH_TWILIO}/_sandbox/flex/tasks/${engagement.task}/accept`, "POST", {}),
  ]);
  return { engagement, first, second };
}));
const answered = performance.now() - began;

const wrong = [];
for (const { engagement, first, second } of answers) {
  const { expected, task } = engagement;
  for (const { popped } of [first, second]) {
    const fits = popped.outcome === expected.outcome && (!expected.ticket || popped.ticket.id === expected.ticket);
    if (!fits) wrong.push(`${task}: ${popped.outcome} ${popped.ticket?.id ?? ""}, expected ${expected.outcome} ${expected.ticket ?? ""}`);
  }
  if (expected.created && first.popped.ticket?.id !== second.popped.ticket?.id) wrong.push(`${task} has two tickets`);
  engagement.ticket = first.popped.ticket?.id;
}
const popped_wrong = wrong.length;

// Every engagement that has a ticket has its note in it, once.
async function comments(ticket) {
  const bodies = [];
  for (let path = `tickets/${ticket}/comments.json?page[size]=100`; path; ) {
    const page = await api(path);
    bodies.push(...page.comments.map(({ html_body, body }) => html_body ?? body));
    path = page.meta?.has_more ? page.links.next.split("/api/v2/")[1] : undefined;
  }
  return bodies;
}
const logged = engagements.filter(({ ticket }) => ticket);
const tickets = [...new Set(logged.map(({ ticket }) => ticket))];
async function notes() {
  const all = new Map(await Promise.all(tickets.map(async (ticket) => [ticket, await comments(ticket)])));
  return logged.map(({ task, ticket }) => all.get(ticket).filter((body) => body.includes(`Deskside ${task} start`)).length);
}
let counts = await notes();
while (counts.some((count) => count === 0) && performance.now() - began < NOTES_TIMEOUT) {
  await pause(500);
  counts = await notes();
}
const noted = performance.now() - began;
await pause(3000); // what is written twice is written late
counts = await notes();

// What was made is what the engagements have, and every stranger is one user.
const made = logged.filter(({ expected }) => expected.created);
const since = (await ticketsOfAll()).filter((ticket) => !before.includes(ticket));
const orphans = since.filter((ticket) => !made.some((engagement) => engagement.ticket === ticket));
const strangers = new Map(made.map(({ ticket, expected }) => [ticket, expected.caller]));
const mixed = made.filter(({ ticket, expected }) => strangers.get(ticket) !== expected.caller);
const callers = [...new Set(made.map(({ expected }) => expected.caller))];
const users = await Promise.all(callers.map(async (caller) => (await api(`users/search.json?query=${encodeURIComponent(`phone:${caller}`)}`)).users.length));
const twice = callers.filter((_, n) => users[n] !== 1);
wrong.push(...orphans.map((ticket) => `ticket ${ticket} was made and nobody has it`), ...twice.map((caller) => `${caller} is not one user`));
wrong.push(...mixed.map(({ task, ticket }) => `${task} has ticket ${ticket}, which is somebody else's`));

const times = answers.flatMap(({ first, second }) => [first.ms, second.ms]).sort((a, b) => a - b);
const at = (share) => times[Math.ceil(share * times.length) - 1];
for (const line of wrong.slice(0, 10)) process.stderr.write(`${line}\n`);
console.log(JSON.stringify({
  engagements: COUNT,
  popped_wrong,
  tickets_made: since.length,
  created_twice: orphans.length + twice.length + mixed.length,
  not_logged: counts.filter((count) => count === 0).length,
  logged_twice: counts.filter((count) => count > 1).length,
  p50: at(0.5), p95: at(0.95), max: times.at(-1), answered, noted,
}));
