// What the agent reads: in their language, with that language's dates and money, light or dark.
import assert from "node:assert/strict";
import { paint } from "./stage/look.mjs";
import { expect, suite } from "./stage/scene.mjs";

const check = await suite();

/** Language → words that must be read on the card, in the confirmation, at the end. */
const WORDS = {
  "en-US": { card: ["MRR", "Since", "Renewal", "Owner", "Refresh", "New customer"], all: "Archive all", good: "They are copied and checked, then removed from this ticket. This cannot be undone.", end: "4 files archived." },
  ja: { card: ["MRR", "契約開始", "更新日", "担当", "更新", "新規のお客様"], all: "すべてアーカイブ", good: "コピーして照合したあと、このチケットから削除します。取り消しはできません。", end: "4 件をアーカイブしました。" },
  ko: { card: ["MRR", "계약 시작", "갱신일", "담당자", "새로 고침", "신규 고객"], all: "모두 보관", good: "복사하고 확인한 뒤 이 티켓에서 삭제합니다. 되돌릴 수 없습니다.", end: "파일 4개를 보관했습니다." },
};
const KEY = /\b[a-z]+(?:_[a-z]+)+\b|\{\}|undefined|\bNaN\b|\[object/; // a key, a hole, a slip; the account's own words aside

for (const [locale, { card, all, good, end }] of Object.entries(WORDS)) {
  check(`the whole way in ${locale}`, async (scene) => {
    await scene.workspace("tickets/42");
    const app = scene.app();
    await expect(app.getByTestId("archive-item")).toHaveCount(4);
    const frame = await scene.frame();
    for (const word of card) await expect(app.getByTestId("card")).toContainText(word);
    assert.equal(await frame.evaluate(() => document.documentElement.lang.slice(0, 2)), locale.slice(0, 2));
    // Words are not torn apart where a line ends.
    const wordBreak = await frame.evaluate(() => getComputedStyle(document.body).wordBreak);
    assert.equal(wordBreak, { ja: "auto-phrase", ko: "keep-all" }[locale] ?? "normal");
    await formats(app, frame, locale);
    await reads(frame);
    await (await frame.frameElement()).screenshot({ path: scene.picture(`language-${locale}-card`) });
    await app.getByRole("button", { name: all, exact: true }).click();
    await expect(app.getByRole("alertdialog")).toContainText(good);
    await reads(frame);
    await (await frame.frameElement()).screenshot({ path: scene.picture(`language-${locale}-confirm`) });
    await app.getByTestId("archive-confirm").click();
    await expect(app.getByText(end).first()).toBeAttached();
    await reads(frame);
    await (await frame.frameElement()).screenshot({ path: scene.picture(`language-${locale}-done`) });
  }, { locale, settings: '\n[contracts]\ncurrency = "JPY"\n' });
}

/** Money, dates and sizes are those of the browser's `Intl` for the agent's language, whatever the browser's own is. */
async function formats(app, frame, locale) {
  const texts = await frame.evaluate((locale) => {
    const at = (hook) => document.querySelector(`[data-testid="${hook}"]`);
    const day = (iso) => new Date(iso).toLocaleDateString(locale, { dateStyle: "medium", timeZone: "UTC" });
    return {
      mrr: (120000).toLocaleString(locale, { style: "currency", currency: "JPY", currencyDisplay: "narrowSymbol" }),
      start: day(at("card-start").dataset.value),
      renewal: day(at("card-renewal").dataset.value),
      size: (184.32).toLocaleString(locale, { style: "unit", unit: "kilobyte", maximumFractionDigits: 1 }),
    };
  }, locale);
  await expect(app.getByTestId("card-mrr")).toHaveText(texts.mrr);
  await expect(app.getByTestId("card-start")).toHaveText(texts.start);
  await expect(app.getByTestId("card-renewal")).toHaveText(texts.renewal);
  await expect(app.getByTestId("archive-item").first()).toContainText(texts.size);
}

/** No text and no label is a key, a hole or a slip. */
async function reads(frame) {
  const said = await frame.evaluate(() => {
    const labels = [...document.querySelectorAll("[aria-label], [title]")].map((at) => at.ariaLabel ?? at.title);
    return [document.body.innerText, ...labels].join("\n");
  });
  assert.doesNotMatch(said, KEY);
}

check("Flex's language is the panel's", async (scene) => {
  const { page } = scene;
  await page.addInitScript(() => location.pathname === "/flex" && localStorage.setItem("flex.locale", "ko"));
  await scene.flex();
  await expect(scene.panel().getByRole("heading", { name: "선택한 통화나 채팅이 없습니다" })).toBeVisible();
});

/** Files of words that the browser asks for. */
function packs(page) {
  const asked = [];
  page.on("request", (request) => /\/app\/agent-(ja|ko)-/.test(request.url()) && asked.push(request.url()));
  return asked;
}

check("an agent who reads English fetches no other language's words", async (scene) => {
  const asked = packs(scene.page);
  await scene.workspace("tickets/42");
  await expect(scene.app().getByTestId("archive-all")).toHaveText("Archive all");
  assert.deepEqual(asked, []);
});

check("the words of a language are one file, which the browser keeps", async (scene) => {
  const asked = packs(scene.page);
  const answered = scene.page.waitForResponse((answer) => answer.url().includes("/app/agent-ja-"));
  await scene.workspace("tickets/42");
  await expect(scene.app().getByTestId("archive-all")).toHaveText("すべてアーカイブ");
  assert.equal((await answered).headers()["cache-control"], "public, max-age=31536000, immutable");
  assert.equal(new Set(asked).size, 1);
}, { locale: "ja" });

check("where the words of a language do not come, the app speaks English", async (scene) => {
  await scene.page.route("**/app/agent-ja-*", (route) => route.abort());
  await scene.workspace("tickets/42");
  await expect(scene.app().getByTestId("archive-all")).toHaveText("Archive all");
  const frame = await scene.frame();
  assert.equal(await frame.evaluate(() => document.documentElement.lang), "en");
}, { locale: "ja", forgives: /ERR_FAILED|preload/ });

check("the language changes in the workspace, and the app comes back in it", async (scene) => {
  const { page } = scene;
  await scene.workspace("tickets/42");
  await expect(scene.app().getByTestId("archive-all")).toHaveText("Archive all");
  await page.locator('.top .seg [data-value="ja"]').click();
  await expect(scene.app().getByTestId("archive-all")).toHaveText("すべてアーカイブ");
});

check("light and dark are the workspace's, from the start and when it changes", async (scene) => {
  const { page } = scene;
  await scene.workspace("tickets/42");
  await expect(scene.app().getByTestId("archive-item")).toHaveCount(4);
  const frame = await scene.frame();
  const colours = () => frame.evaluate(() => {
    const of = (selector) => getComputedStyle(document.querySelector(selector));
    return [of("body").backgroundColor, of("body").color, of('[data-testid="archive-all"]').color, of(".pill").backgroundColor];
  });
  const dark = await colours();
  assert.match(dark[0], /^rgb\((\d|[1-4]\d), (\d|[1-4]\d), (\d|[1-4]\d)\)$/, "dark from the start");
  await paint(page, frame, "light");
  const light = await colours();
  for (const [index, colour] of light.entries()) assert.notEqual(colour, dark[index]);
}, { scheme: "dark" });
