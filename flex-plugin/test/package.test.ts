// The project for Twilio's CLI: what `twilio flex:plugins:deploy` looks at before it builds. Source: twilio/flex-plugin-builder 7.1.2,
// `plugin-flex/src/sub-commands/flex-plugin.ts`, `flex-plugin-scripts/src/scripts/{pre-script-check,pre-start-check}.ts`.
import assert from "node:assert/strict";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";

const PROJECT = process.env.FLEX_PROJECT ?? "";
const read = (path: string) => readFileSync(join(PROJECT, path), "utf8");
const about = JSON.parse(read("package.json")) as Record<"dependencies" | "devDependencies", Record<string, string>> &
  Record<"name" | "version", string>;

test("it is a Flex plugin of Deskside's version", () => {
  assert.deepEqual([about.name, about.version], ["plugin-deskside", "1.2.3"]);
  assert.ok("@twilio/flex-ui" in about.devDependencies);
});

test("whoever builds it gets the same packages, of one release of the builder and the React that Flex has", () => {
  const versions = { ...about.dependencies, ...about.devDependencies };
  for (const [name, version] of Object.entries(versions)) assert.match(version, /^\d+\.\d+\.\d+$/, name);
  assert.equal(versions["@twilio/flex-plugin"], versions["@twilio/flex-plugin-scripts"]);
  assert.deepEqual([versions.react, versions["react-dom"]], ["17.0.2", "17.0.2"]);
});

test("its index loads one plugin, and there is no TypeScript to check", () => {
  assert.equal(read("src/index.js").match(/\.loadPlugin\(/g)?.length, 1);
  const files = readdirSync(PROJECT, { recursive: true, encoding: "utf8" });
  assert.deepEqual(files.filter((name) => /\.tsx?$|tsconfig/.test(name)), []);
  assert.ok(existsSync(join(PROJECT, "public/appConfig.js")));
});
