import { expect, FAILED_CALLS, suite } from "./stage/scene.mjs";
const check = await suite();
const told = (page, change) =>
  page.route(/\/tickets\/42\/archive(\?|$)/, async (route) => {
    if (route.request().method() !== "GET") return route.fallback();
    const answer = await route.fetch();
    const view = await answer.json();
    change(view);
    await route.fulfill({ response: answer, json: view });
  });
async function shot(scene, name) {
  const frame = await scene.frame();
  await (await frame.frameElement()).screenshot({ path: scene.picture(`tmp-${name}`) });
}
for (const [locale, scheme] of [["ja", "light"], ["ko", "dark"]]) {
  check(`states ${locale}`, async (scene) => {
    const { page } = scene;
    await told(page, (view) => {
      view.undo_seconds = 600;
      if (view.run) return;
      const codes = ["attachment_malware", "archive_legal_hold", "archive_sent_by_us"];
      for (const [index, code] of codes.entries()) view.items[index].prevented = { code, message: `It stays: ${code}.` };
      for (const item of view.items) Object.assign(item, { sender: "customer", sent_at: new Date().toISOString() });
      view.items[0].file_name = "請求書の控え（二〇二六年十月分）のとても長い名前のファイル最終版.pdf";
    });
    await scene.workspace("tickets/42");
    const app = scene.app();
    await expect(app.getByTestId("archive-all")).toBeVisible();
    await shot(scene, `${locale}-prevented`);
    await app.getByTestId("archive-all").click();
    await shot(scene, `${locale}-confirm`);
    await page.unroute(/\/tickets\/42\/archive(\?|$)/);
    await scene.workspace("tickets/42");
    await app.getByTestId("archive-all").click();
    await app.getByTestId("archive-confirm").click();
    await expect(app.getByTestId("archive-until")).toBeVisible();
    await shot(scene, `${locale}-countdown`);
    await page.route("**/cancel", (route) => route.abort());
    await app.getByTestId("archive-undo").click();
    await expect(app.locator('[data-testid="problem"]')).toBeVisible();
    await shot(scene, `${locale}-lost`);
    await page.unroute("**/cancel");
    await expect(app.getByTestId("archive-all")).toBeVisible();
    await shot(scene, `${locale}-undone`);
    await told(page, (view) => { view.listing = "last"; view.may_start = false; });
    await app.getByTestId("card-refresh").click();
    await expect(app.getByTestId("archive-stale")).toBeVisible();
    await shot(scene, `${locale}-last`);
  }, { locale, scheme, undo: 600, forgives: FAILED_CALLS });
}
check("forced", async (scene) => {
  await scene.page.emulateMedia({ forcedColors: "active" });
  await scene.workspace("tickets/42");
  const app = scene.app();
  await app.getByTestId("archive-all").press("Enter");
  await expect(app.getByRole("alertdialog")).toBeVisible();
  await shot(scene, "forced-confirm");
  await app.getByTestId("archive-confirm").click();
  await expect(app.getByTestId("archive-until")).toBeVisible();
  await shot(scene, "forced-countdown");
}, { undo: 600 });
check("focus ring", async (scene) => {
  await scene.workspace("tickets/42");
  const app = scene.app();
  await scene.house.trouble({ host: "content" }, { delay_ms: 900 });
  await app.getByTestId("archive-all").focus();
  await scene.page.keyboard.press("Enter");
  await expect(app.getByRole("alertdialog")).toBeVisible();
  await shot(scene, "ring-confirm");
  await app.getByTestId("archive-confirm").click();
  await expect(app.locator("#archive-title")).toHaveText(/Copying · [123]/);
  await shot(scene, "copying");
}, { undo: 600 });
