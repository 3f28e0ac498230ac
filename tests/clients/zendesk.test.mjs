// node-zendesk, as its documentation says: an OAuth token, and `endpointUri`.
import assert from "node:assert/strict";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import zendesk from "node-zendesk";
import { sandbox } from "./sandbox.mjs";

const desk = await sandbox();
const grant = { grant_type: "client_credentials", client_id: desk.clientId, client_secret: desk.clientSecret, scope: "read write" };
const granted = await fetch(`${desk.zendesk}/oauth/tokens`, {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify(grant),
});
const token = (await granted.json()).access_token;
const clientWith = (token) => zendesk.createClient({ username: "", token, subdomain: "acme", endpointUri: `${desk.zendesk}/api/v2`, oauth: true });
const client = clientWith(token);

const ids = (rows) => rows.map((row) => row.id);

test("a ticket is made, changed, tagged, read and deleted", async () => {
  const { id } = (await client.tickets.create({ ticket: { subject: "From a client", comment: { body: "Hello" } } })).result;
  const { result } = await client.tickets.update(id, { ticket: { priority: "high", comment: { body: "More", public: false } } });
  assert.equal(result.priority, "high");
  assert.deepEqual(await client.tickets.addTags(id, { tags: ["vip"] }), [{ tags: ["vip"] }]);
  const comments = await client.tickets.getComments(id);
  assert.deepEqual(comments.map(({ body, public: seen }) => [body, seen]), [["Hello", true], ["More", false]]);
  assert.equal((await client.ticketaudits.list(id)).length, 3);
  await client.tickets.delete(id);
  await assert.rejects(client.tickets.show(id), /404/);
});

test("lists come whole, however many pages they have", async () => {
  const tickets = await client.tickets.list();
  const { result } = await client.tickets.showMany([42, 1]);
  assert.deepEqual(ids(result).sort(), [1, 42]);
  assert.equal(tickets.length, new Set(ids(tickets)).size);
  assert.ok(ids(tickets).includes(42));
  assert.ok((await client.users.list()).length > 40);
  assert.ok((await client.search.queryAll("type:ticket status:open")).length > 5);
  assert.ok((await client.tickets.incremental(0)).length > 60);
});

test("what hangs together is found: fields, groups, organizations, identities", async () => {
  assert.deepEqual((await client.ticketfields.list()).map(({ type }) => type).slice(0, 3), ["subject", "description", "status"]);
  assert.equal((await client.groups.assignable()).length, 1);
  const made = (await client.organizations.create({ organization: { name: "Client & Co", external_id: "cc-1" } })).result;
  assert.deepEqual(ids(await client.organizations.search("cc-1")), [made.id]);
  assert.deepEqual(ids(await client.organizations.autocomplete({ name: "client" })), [made.id]);
  await client.organizations.delete(made.id);
  await assert.rejects(client.organizations.show(made.id), /404/);
  const user = (await client.users.create({ user: { name: "Client", email: "client@example.com" } })).result;
  const second = (await client.useridentities.create(user.id, { identity: { type: "email", value: "second@example.com" } })).result;
  assert.equal((await client.useridentities.show(user.id, second.id)).result.value, "second@example.com");
  await assert.rejects(client.users.create({ user: { name: "Again", email: "client@example.com" } }), /422/);
});

test("many tickets are changed by a job that can be followed; more than a hundred are refused", async () => {
  const { result } = await client.tickets.updateMany([1, 42], { ticket: { priority: "low" } });
  const job = async () => (await client.jobstatuses.show(result.job_status.id)).result.job_status;
  let status = await job();
  for (let looks = 0; status.status !== "completed" && looks < 5; looks += 1) status = await job();
  assert.deepEqual(status.results.map(({ id, success }) => [id, success]), [[1, true], [42, true]]);
  const hundredAndOne = Array.from({ length: 101 }, (_, at) => at + 1);
  await assert.rejects(client.tickets.updateMany(hundredAndOne, { ticket: { priority: "low" } }), /400/);
});

test("a trigger is made, changed, found and deleted; one that does not fit is refused", async () => {
  const trigger = {
    title: "Page on urgent",
    conditions: { all: [{ field: "requester.custom_fields.sfdc_mrr", operator: "greater_than_equal", value: "100000" }], any: [] },
    actions: [{ field: "current_tags", value: "paged" }],
  };
  const { result: made } = await client.triggers.create({ trigger });
  assert.deepEqual([made.active, made.conditions.all[0].operator], [true, "greater_than_equal"]);
  const { result: changed } = await client.triggers.update(made.id, { trigger: { active: false } });
  assert.deepEqual([changed.active, changed.actions], [false, trigger.actions]);
  assert.ok(ids(await client.triggers.list()).includes(made.id));
  assert.ok(!ids(await client.triggers.listActive()).includes(made.id));
  await assert.rejects(client.triggers.create({ trigger: { ...trigger, actions: [{ field: "nothing", value: "x" }] } }), /422/);
  await client.triggers.delete(made.id);
  await assert.rejects(client.triggers.show(made.id), /404/);
});

test("users are changed by a job, and what changed is exported", async () => {
  const [first, second] = await client.users.listWithFilter("role", "end-user");
  const body = { users: [{ id: first.id, user_fields: { sfdc_mrr: 12.5 } }, { id: 1, notes: "nobody" }, { id: second.id, notes: "n" }] };
  const { result } = await client.users.updateMany(body, []);
  const job = async () => (await client.jobstatuses.show(result.job_status.id)).result.job_status;
  let status = await job();
  for (let looks = 0; status.status !== "completed" && looks < 5; looks += 1) status = await job();
  assert.deepEqual(status.results.map(({ success, error }) => error ?? success), [true, "UserNotFound", true]);
  const exported = await client.users.incremental(0);
  assert.equal(exported.find(({ id }) => id === first.id).user_fields.sfdc_mrr, 12.5);
});

test("fields of users and organizations are made, changed and refused", async () => {
  const made = (await client.userfields.create({ user_field: { key: "seats", title: "Seats", type: "integer" } })).result;
  assert.equal(made.type, "integer");
  await assert.rejects(client.userfields.create({ user_field: { key: "seats", title: "Again" } }), /422/);
  const options = [{ name: "Gold", value: "plan_gold" }];
  const plan = (await client.organizationfields.create({ organization_field: { key: "plan", title: "Plan", type: "dropdown", custom_field_options: options } })).result;
  assert.equal(plan.custom_field_options[0].value, "plan_gold");
  assert.ok((await client.userfields.list()).some(({ key }) => key === "seats"));
});

test("a file is uploaded", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "clients-")), "note.txt");
  writeFileSync(path, "a note");
  const files = async () => (await (await fetch(`${desk.zendesk}/_sandbox/state`)).json()).attachments;
  const before = await files();
  await client.attachments.upload(path, { filename: "note.txt", binary: false });
  assert.equal(await files(), before + 1);
});

test("who has no token is told so", async () => {
  await assert.rejects(clientWith("wrong").tickets.show(42), /401/);
});
