// Where the panel comes from, and the only origin that messages go to.
import assert from "node:assert/strict";
import { test } from "node:test";
import { home, scriptOrigin } from "../src/home";

const SCRIPT = "https://deskside.example";

function check(setting: unknown, loadedFrom: string | undefined, expected: string | RegExp): void {
  const resolve = () => home({ custom_data: { deskside_url: setting } }, loadedFrom);
  if (typeof expected === "string") assert.equal(resolve(), expected);
  else assert.throws(resolve, expected);
}

test("the plugin's own script says where Deskside is", () => {
  assert.equal(scriptOrigin({ src: "https://deskside.example/flex/plugin.js?v=1" }), SCRIPT);
  assert.equal(scriptOrigin({ src: "http://127.0.0.1:8080/flex/plugin.js" }), "http://127.0.0.1:8080");
  check(undefined, SCRIPT, SCRIPT);
});

test("an inlined script has no address", () => {
  for (const script of [null, undefined, {}, { src: "" }, { src: 7 }]) assert.equal(scriptOrigin(script), undefined);
});

test("the admin's setting goes first", () => {
  check("https://desk.example.com/any/path", SCRIPT, "https://desk.example.com");
  check("https://desk.example.com", undefined, "https://desk.example.com");
});

test("an address that is unsafe or unreadable is not used", () => {
  for (const setting of ["http://desk.example.com", "javascript:alert(1)", "//desk.example.com", "", 7, {}, null]) {
    check(setting, SCRIPT, SCRIPT);
    check(setting, undefined, /set custom_data\.deskside_url/);
  }
});
