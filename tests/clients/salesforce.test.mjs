// jsforce, as its documentation says; and simple-salesforce, in Python, where it is at hand.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import jsforce from "jsforce";
import { sandbox } from "./sandbox.mjs";

const org = await sandbox();
const redirectUri = "http://localhost:1717/OauthRedirect";
const [, username] = org.salesforceUsers;
const oauth2 = () => new jsforce.OAuth2({ clientId: org.salesforceId, clientSecret: org.salesforceSecret, redirectUri, loginUrl: org.salesforceLogin, useVerifier: true });
const control = async (method, path, body) => {
  const answer = await fetch(`${org.salesforce}/_sandbox/salesforce${path}`, { method, headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  assert.ok(answer.ok, `${path}: ${answer.status}`);
};

/** Signs in as somebody at the page that jsforce names. */
async function connected() {
  const flow = oauth2();
  const page = new URL(flow.getAuthorizationUrl({ scope: "api id refresh_token", state: "mine" }));
  page.searchParams.set("sandbox_user", username);
  page.searchParams.set("sandbox_decision", "allow");
  const back = new URL((await fetch(page, { redirect: "manual" })).headers.get("location"));
  assert.equal(back.searchParams.get("state"), "mine");
  const connection = new jsforce.Connection({ oauth2: flow, version: "60.0" });
  await connection.authorize(back.searchParams.get("code"));
  return connection;
}

const connection = await connected();

test("who signed in is known, and the client is renewed when its session ends", async () => {
  assert.equal((await connection.identity()).username, username);
  assert.equal(connection.instanceUrl, org.salesforce);
  const before = connection.accessToken;
  await control("POST", "/sessions/expire", {});
  assert.equal((await connection.query("SELECT COUNT() FROM Account")).totalSize, 42);
  assert.notEqual(connection.accessToken, before);
  assert.match(String(connection.limitInfo.apiUsage.used), /^\d+$/);
});

test("objects and fields are described", async () => {
  const names = (await connection.describeGlobal()).sobjects.map(({ name }) => name);
  assert.ok(names.includes("Account") && names.includes("Opportunity"));
  const { fields } = await connection.sobject("Account").describe();
  const field = Object.fromEntries(fields.map((field) => [field.name, field]));
  assert.deepEqual([field.MRR__c.type, field.OwnerId.referenceTo, field.backendid__c.externalId], ["currency", ["User"], true]);
});

test("rows come page after page, with parents and children", async () => {
  await control("POST", "/rows", { object: "Account", count: 4500 });
  const first = await connection.query("SELECT Id, Name FROM Account");
  assert.deepEqual([first.done, first.records.length], [false, 2000]);
  assert.equal((await connection.queryMore(first.nextRecordsUrl)).records.length, 2000);
  const all = await connection.query("SELECT Id FROM Account", { autoFetch: true, maxFetch: 10_000 });
  assert.equal(all.records.length, 4542);
  const found = await connection.sobject("Account").find({ backendid__c: "20001" }, "Name, Owner.Name").include("Contacts").select("Email").end();
  assert.deepEqual([found[0].Owner.Name, found[0].Contacts.records.length], ["営業一課 森", 2]);
});

test("a record is made, changed, found by its key and deleted", async () => {
  const accounts = connection.sobject("Account");
  const { id, success } = await accounts.create({ Name: "From a client", backendid__c: "77001" });
  assert.ok(success);
  await accounts.update({ Id: id, MRR__c: 12.5 });
  assert.equal((await accounts.retrieve(id)).MRR__c, 12.5);
  await accounts.destroy(id);
  await assert.rejects(accounts.retrieve(id), ({ errorCode }) => errorCode === "NOT_FOUND");
});

test("a bulk query answers every row, with nothing as an empty cell", async () => {
  const stream = await connection.bulk2.query("SELECT Name, MRR__c, Owner.Name FROM Account WHERE NOT Name LIKE 'Company %'", { pollInterval: 10, pollTimeout: 20_000 });
  const rows = await stream.toArray();
  const lines = rows.filter(({ Name }) => Name.startsWith("Moved away"));
  assert.deepEqual([rows.length, lines[0].Name], [42, 'Moved away "Ltd", formerly\nMoved']);
  assert.equal(rows.find(({ Name }) => Name === "吉田書房").MRR__c, "");
});

test("refusals have their codes", async () => {
  const refused = (code) => (error) => {
    assert.equal(error.errorCode, code, String(error));
    return true;
  };
  await assert.rejects(connection.query("SELECT Nothing FROM Account"), refused("INVALID_FIELD"));
  await assert.rejects(connection.query("SELECT Id FROM Nothing"), refused("INVALID_TYPE"));
  await assert.rejects(connection.query("SELECT FROM"), refused("MALFORMED_QUERY"));
  await assert.rejects(connection.sobject("Contact").create({ FirstName: "Nobody" }), refused("REQUIRED_FIELD_MISSING"));
  await assert.rejects(connection.bulk2.query("SELECT BillingAddress FROM Account"), refused("FUNCTIONALITY_NOT_ENABLED"));
});

test("what was revoked opens nothing", async () => {
  const other = await connected();
  await other.logout(true);
  const gone = new jsforce.Connection({ instanceUrl: org.salesforce, accessToken: connection.accessToken });
  await control("POST", "/sessions/revoke", {});
  await assert.rejects(gone.query("SELECT Id FROM Account"), ({ errorCode }) => errorCode === "INVALID_SESSION_ID");
});

const python = process.env.CLIENTS_PYTHON;
test("simple-salesforce reads it too", { skip: python ? false : "its Python packages are not at hand" }, async () => {
  const script = join(dirname(fileURLToPath(import.meta.url)), "simple_salesforce_test.py");
  const env = { ...process.env, SANDBOX: JSON.stringify(org) };
  const run = spawn(python, [script], { env, stdio: ["ignore", "inherit", "inherit"] });
  assert.equal(await new Promise((done) => run.on("close", done)), 0);
});
