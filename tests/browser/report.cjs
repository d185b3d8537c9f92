// node report.cjs CHROMIUM SAMPLES SCREENSHOTS: report.html as a reader meets it. Fails with the first expectation not met.
"use strict";
const assert = require("node:assert/strict");
const { mkdirSync } = require("node:fs");
const { join } = require("node:path");
const { pathToFileURL } = require("node:url");
const axe = require("axe-core");
const { chromium } = require("playwright-core");

const [executablePath, samples, screenshots] = process.argv.slice(2);
const address = (sample, fragment = "") => pathToFileURL(join(samples, sample + ".html")).href + fragment;
const desktop = { width: 1280, height: 900 };
const phone = { width: 390, height: 844 };

// Opens a page and holds it to: no request but its own file, no error and no refused resource in the console.
async function open(browser, url, options = {}) {
  const context = await browser.newContext({ viewport: desktop, locale: "en-GB", ...options });
  const page = await context.newPage();
  const complaints = [];
  page.on("request", (request) => {
    if (!request.url().startsWith("file:")) complaints.push("request: " + request.url());
  });
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints.push("console: " + message.text());
  });
  page.on("pageerror", (error) => complaints.push("script: " + error.message));
  page.on("dialog", (dialog) => complaints.push("dialog: " + dialog.message()));
  await page.goto(url);
  return { page, finish: async () => { assert.deepEqual(complaints, []); await context.close(); } };
}

const seen = (page) => page.evaluate(() => document.body.innerText);
const visible_requirements = (page) => page.locator("tbody.requirement:visible").count();

async function switches_language(browser) {
  const { page, finish } = await open(browser, address("router", "#lang=ja"));
  let text = await seen(page);
  assert.match(text, /不適合：満たしていない要件があります/);
  assert.match(text, /判定保留/);
  assert.doesNotMatch(text, /Inconclusive/);
  assert.equal(await page.getAttribute("html", "lang"), "ja");
  await page.getByText("English", { exact: true }).click();
  text = await seen(page);
  assert.match(text, /Inconclusive/);
  assert.doesNotMatch(text, /判定保留/);
  assert.equal(await page.getAttribute("html", "lang"), "en");
  await page.evaluate(() => (location.hash = "#lang=ja"));
  await page.waitForSelector('html[lang="ja"]');
  await finish();
}

async function follows_the_reader(browser) {
  for (const [locale, word] of [["ja-JP", /判定結果/], ["de-DE", /Result/], ["en-GB", /Result/]]) {
    const { page, finish } = await open(browser, address("router"), { locale });
    assert.match(await seen(page), word, locale);
    await finish();
  }
}

async function filters_and_searches(browser) {
  const { page, finish } = await open(browser, address("router", "#lang=en"));
  assert.equal(await visible_requirements(page), 27);
  await page.locator('label[for="show-inconclusive"]').click();
  assert.equal(await visible_requirements(page), 14);
  assert.equal(await page.locator("#shown").innerText(), "14");
  await page.locator("#search").fill("telnetd  SHADOW");
  assert.equal(await visible_requirements(page), 0);
  await page.locator("#search").fill("初期パスワード");
  assert.equal(await visible_requirements(page), 2, "A-8 and D-1, found by their Japanese text while English shows");
  await page.locator("#search").fill("");
  const severe = page.locator('.finding[data-level="error"]:visible');
  assert.ok((await severe.count()) > 5);
  await page.locator('label[for="show-error"]').click();
  assert.equal(await severe.count(), 0);
  await finish();
}

async function works_without_script(browser) {
  const { page, finish } = await open(browser, address("router"), { javaScriptEnabled: false });
  assert.ok(await page.getByText("Inconclusive").first().isVisible());
  await page.locator('label[for="language-ja"]').click();
  assert.ok(await page.getByText("判定保留").first().isVisible());
  assert.equal(await page.getByText("Inconclusive").first().isVisible(), false);
  await page.locator('label[for="show-fail"]').click();
  assert.equal(await visible_requirements(page), 18);
  assert.equal(await page.locator("#search").isVisible(), false, "what needs script is not offered without");
  await finish();
}

async function works_by_keyboard(browser) {
  const { page, finish } = await open(browser, address("router", "#lang=en"));
  await page.locator("#language-en").focus();
  await page.keyboard.press("ArrowRight");
  assert.equal(await page.getAttribute("html", "lang"), "ja");
  await page.locator("#show-pass").focus();
  await page.keyboard.press("Space");
  assert.equal(await visible_requirements(page), 25);
  await finish();
}

async function is_accessible(browser) {
  for (const colorScheme of ["light", "dark"])
    for (const viewport of [desktop, phone])
      for (const language of ["en", "ja"]) {
        const { page, finish } = await open(browser, address("router", "#lang=" + language), { colorScheme, viewport, bypassCSP: true });
        await page.evaluate(() => document.querySelectorAll("details").forEach((details) => (details.open = true)));
        await page.evaluate(axe.source);
        const result = await page.evaluate(() =>
          axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
            // The two language inputs stand before every landmark, so that style alone can follow them without script.
            rules: { region: { enabled: false } } }));
        const found = result.violations.map((one) => `${one.id}: ${one.nodes.slice(0, 3).map((n) => n.html.slice(0, 160) + " " + n.failureSummary).join(" | ")}`);
        assert.deepEqual(found, [], [colorScheme, viewport.width, language].join(" "));
        const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(overflow <= 0, `no sideways scrolling at ${viewport.width}: ${overflow} px too wide`);
        await finish();
      }
}

async function shrugs_at_hostile_text(browser) {
  for (const sample of ["hostile", "large"]) {
    const { page, finish } = await open(browser, address(sample, "#lang=ja"));
    assert.equal(await page.locator("img").count(), 0);
    assert.equal(await page.locator("script").count(), 1);
    assert.ok((await seen(page)).length > 1000);
    await finish();
  }
}

async function takes_pictures(browser) {
  mkdirSync(screenshots, { recursive: true });
  for (const [name, language, viewport, colorScheme] of [["en", "en", desktop, "light"], ["ja", "ja", desktop, "light"],
    ["ja-phone", "ja", phone, "light"], ["en-dark", "en", desktop, "dark"]]) {
    const { page, finish } = await open(browser, address("router", "#lang=" + language), { viewport, colorScheme });
    await page.screenshot({ path: join(screenshots, `report-${name}.png`), fullPage: true });
    await finish();
  }
}

(async () => {
  const browser = await chromium.launch({
    executablePath,
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
  });
  try {
    for (const scenario of [switches_language, follows_the_reader, filters_and_searches, works_without_script, works_by_keyboard,
      is_accessible, shrugs_at_hostile_text, takes_pictures]) {
      await scenario(browser);
      console.log("ok", scenario.name);
    }
  } finally {
    await browser.close();
  }
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
