// Twilio's own client. Its hosts are turned to the sandbox where it sends; nothing else is changed.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { after, test } from "node:test";
import twilio from "twilio";
import { sandbox } from "./sandbox.mjs";

const desk = await sandbox();

class Turned extends twilio.RequestClient {
  request(options) {
    const { pathname, search } = new URL(options.uri);
    return super.request({ ...options, uri: `${desk.twilio}${pathname}${search}` }).then((answer) => {
      this.answer = answer;
      return answer;
    });
  }
}

const httpClient = new Turned();
const client = twilio(desk.key, desk.keySecret, { accountSid: desk.account, httpClient });
const workspace = client.taskrouter.v1.workspaces(desk.workspace);
const [CHAT, RECORDING] = [`CH${"1".repeat(32)}`, `RE${"0".repeat(31)}3`];

const sids = (rows) => rows.map(({ sid }) => sid);
const refusal = (status, code) => (error) => {
  assert.deepEqual([error.status, error.code], [status, code]);
  return true;
};

test("a task is made, and changed only by who read it last", async () => {
  const attributes = JSON.stringify({ zd_ticket_id: "7" });
  const { sid } = await workspace.tasks.create({ attributes, taskChannel: "voice", priority: 3 });
  const task = await workspace.tasks(sid).fetch();
  const { etag } = httpClient.answer.headers;
  assert.deepEqual([task.priority, task.assignmentStatus, task.dateCreated instanceof Date], [3, "reserved", true]);
  await workspace.tasks(sid).update({ attributes, ifMatch: etag });
  await assert.rejects(workspace.tasks(sid).update({ attributes, ifMatch: etag }), ({ status }) => status === 412);
  const [reservation] = await workspace.tasks(sid).reservations.list();
  await workspace.tasks(sid).reservations(reservation.sid).update({ reservationStatus: "accepted" });
  await workspace.tasks(sid).update({ assignmentStatus: "completed", reason: "done" });
  assert.deepEqual(sids(await workspace.tasks.list({ assignmentStatus: ["completed"], evaluateTaskAttributes: 'zd_ticket_id == "7"' })), [sid]);
  const kinds = (await workspace.events.list({ taskSid: sid })).map(({ eventType }) => eventType);
  assert.deepEqual([kinds[0], kinds.at(-1)], ["task.completed", "task.created"], "the newest first");
  await assert.rejects(workspace.tasks(`WT${"f".repeat(32)}`).fetch(), refusal(404, 20404));
});

test("lists come whole, a row a page", async () => {
  for (const list of [workspace.tasks, workspace.workers, workspace.activities, client.conversations.v1.conversations(CHAT).messages]) {
    const whole = sids(await list.list());
    assert.ok(whole.length > 1);
    assert.deepEqual(sids(await list.list({ pageSize: 1 })), whole);
    assert.deepEqual(sids(await list.list({ limit: 1 })), whole.slice(0, 1));
  }
  assert.deepEqual(sids(await client.recordings.list({ callSid: `CA${"3".repeat(32)}` })), [RECORDING]);
});

test("a recording, a chat and a number are looked up", async () => {
  const recording = await client.recordings(RECORDING).fetch();
  assert.deepEqual([recording.duration, recording.status, recording.startTime instanceof Date], ["3", "completed", true]);
  assert.equal((await client.conversations.v1.conversations(CHAT).fetch()).state, "active");
  const number = await client.lookups.v2.phoneNumbers("+815012340042").fetch();
  assert.deepEqual([number.valid, number.nationalFormat], [true, "050-1234-0042"]);
});

test("events are subscribed, arrive, and are signed so that Twilio's validator believes them", async () => {
  const arrived = [];
  const receiver = createServer(async (request, response) => {
    let body = "";
    for await (const part of request.setEncoding("utf8")) body += part;
    arrived.push({ path: request.url, signature: request.headers["x-twilio-signature"], body });
    response.writeHead(204).end();
  });
  await new Promise((done) => receiver.listen(0, "127.0.0.1", done));
  after(() => receiver.close());
  const base = `http://127.0.0.1:${receiver.address().port}`;
  const sink = await client.events.v1.sinks.create({
    description: "here",
    sinkConfiguration: { destination: `${base}/sink`, method: "POST" },
    sinkType: "webhook",
  });
  const types = ["task.created", "reservation.created"].map((kind) => ({ type: `com.twilio.taskrouter.${kind}` }));
  const { sid } = await client.events.v1.subscriptions.create({ description: "all", sinkSid: sink.sid, types });
  assert.equal((await client.events.v1.subscriptions(sid).subscribedEvents.list()).length, 2);
  await workspace.update({ eventCallbackUrl: `${base}/callback` });
  await workspace.tasks.create({ attributes: JSON.stringify({ name: "日本 & +" }), taskChannel: "chat" });
  const of = (path) => arrived.filter((one) => one.path.startsWith(path));
  for (let waited = 0; (of("/sink").length < 1 || of("/callback").length < 2) && waited < 100; waited += 1)
    await new Promise((done) => setTimeout(done, 100));
  assert.ok(of("/sink").length >= 1 && of("/callback").length >= 2, JSON.stringify(arrived));
  for (const { path, signature, body } of of("/sink"))
    assert.ok(twilio.validateRequestWithBody(desk.authToken, signature, base + path, body), path);
  for (const { path, signature, body } of of("/callback"))
    assert.ok(twilio.validateRequest(desk.authToken, signature, base + path, Object.fromEntries(new URLSearchParams(body))), path);
  await assert.rejects(client.events.v1.sinks(sink.sid).remove(), refusal(400, 20001));
});

test("who is nobody is told so", async () => {
  const nobody = twilio(desk.key, "wrong", { accountSid: desk.account, httpClient });
  await assert.rejects(nobody.taskrouter.v1.workspaces(desk.workspace).fetch(), refusal(401, 20003));
});
