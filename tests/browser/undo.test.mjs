// A run that an agent started is copied at once and removed later; until then the agent takes it back, or single files of it.
import assert from "node:assert/strict";
import { look } from "./stage/look.mjs";
import { expect, suite } from "./stage/scene.mjs";

const check = await suite();

const states = (app) => app.getByTestId("archive-state").evaluateAll((all) => all.map(({ dataset }) => dataset.value));
const over = (app, expected) => expect.poll(() => states(app), { timeout: 40_000 }).toEqual(expected);

async function waiting(scene) {
  await scene.workspace("tickets/42");
  const app = scene.app();
  await app.getByTestId("archive-all").click();
  await app.getByTestId("archive-confirm").click();
  await over(app, Array(4).fill("verified"));
  await expect(app.getByTestId("archive-until")).toHaveText(/Nothing leaves Zendesk before/);
  return app;
}

check("one file is taken back, and the others go when the time is over", async (scene) => {
  const before = await scene.house.attachments(42);
  const app = await waiting(scene);
  await look(scene, "archive-undo");
  const keep = app.getByTestId("archive-keep");
  await expect(keep).toHaveCount(4);
  await keep.first().click();
  await over(app, ["skipped", "verified", "verified", "verified"]);
  await over(app, ["skipped", "redacted", "redacted", "redacted"]);
  const left = (await scene.house.attachments(42)).filter(({ file_name: name }) => name !== "redacted.txt");
  assert.deepEqual(left.map(({ id }) => id), [before[0].id]);
}, { undo: 8 });

check("all of it is taken back, and nothing has left Zendesk", async (scene) => {
  const app = await waiting(scene);
  await app.getByTestId("archive-undo").click();
  await expect(app.getByTestId("archive-all")).toBeVisible();
  await over(app, Array(4).fill("skipped"));
  const names = (await scene.house.attachments(42)).map(({ file_name: name }) => name);
  assert.ok(!names.includes("redacted.txt"), names.join());
}, { undo: 600 });
