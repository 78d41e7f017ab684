// SPDX-License-Identifier: MIT
// Opens HTML reports in a real headless Chromium and prints what it found as one JSON document.
//   node report.js MODULES CHROMIUM PROFILE CHECK... [--shots FOLDER]
// CHECK: a page's path. MODULES: the folder of node modules that `make deps-browser` fills.
"use strict";
const path = require("path");
const url = require("url");

const [modules, chromium, profile, ...rest] = process.argv.slice(2);
const at = rest.indexOf("--shots");
const shots = at < 0 ? null : rest[at + 1];
const pages = at < 0 ? rest : rest.slice(0, at);
const puppeteer = require(path.join(modules, "puppeteer-core"));
const axe = require(path.join(modules, "axe-core")).source;
const WIDTHS = [360, 768, 1600];

async function look(browser, file, scheme) {
  const page = await browser.newPage();
  const found = { file: path.basename(file), scheme, console: [], requests: [], overflow: [], axe: [] };
  page.on("console", (m) => found.console.push(m.text()));
  page.on("pageerror", (e) => found.console.push(String(e)));
  page.on("dialog", (d) => { found.console.push("dialog " + d.message()); d.dismiss(); });
  page.on("request", (r) => found.requests.push(r.url()));
  await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
  const address = url.pathToFileURL(file).href;
  for (const width of WIDTHS) {
    await page.setViewport({ width, height: 900 });
    if (width === WIDTHS[0]) await page.goto(address);
    const wide = await page.evaluate(() => {
      const root = document.scrollingElement, out = [];
      document.querySelectorAll("details").forEach((e) => { e.open = true; });
      if (root.scrollWidth > root.clientWidth) out.push("page " + root.scrollWidth);
      document.querySelectorAll("body *").forEach((e) => {
        const box = e.getBoundingClientRect();
        if (box.width > 0 && box.right > root.clientWidth + 1 && !e.closest("#live,.skip"))
          out.push(e.tagName + "." + (e.getAttribute("class") || "") + " " + Math.round(box.right));
      });
      // Text of a picture beyond its edge would be cut off.
      document.querySelectorAll("svg text").forEach((e) => {
        const svg = e.ownerSVGElement, box = e.getBoundingClientRect(), edge = svg.getBoundingClientRect();
        if (box.width > 0 && (box.right > edge.right + 1 || box.left < edge.left - 1))
          out.push("text " + e.textContent);
      });
      return out.slice(0, 5);
    });
    found.overflow.push(...wide.map((w) => width + ": " + w));
    if (shots) {
      await page.evaluate(() => { document.querySelectorAll("details").forEach((e) => { e.open = false; }); });
      if (width !== 768)
        await page.screenshot({ path: path.join(shots, found.file.replace(".html", "") + "-" + width + "-" + scheme + ".png"),
          clip: { x: 0, y: 0, width, height: Math.min(5000, await page.evaluate(() => document.body.scrollHeight)) } });
    }
  }
  const session = await page.createCDPSession();
  await session.send("Page.setBypassCSP", { enabled: true }); // for what the test itself injects
  await page.reload();
  await page.evaluate(axe + ";document.querySelectorAll('details').forEach(function (e) { e.open = true; })");
  const result = await page.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  found.axe = result.violations.map((v) => v.impact + " " + v.id + ": " + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 120)).join(" | "));
  found.requests = found.requests.filter((r) => r !== address);
  await page.close();
  return found;
}

// What a person does: copy, sort, filter, follow a link, use the keyboard; and what names must not do.
async function use(browser, file) {
  const page = await browser.newPage();
  const did = { file: path.basename(file) };
  await browser.defaultBrowserContext().overridePermissions("file:///", ["clipboard-read", "clipboard-write", "clipboard-sanitized-write"])
    .catch(() => {});
  await page.setViewport({ width: 1200, height: 900 });
  await page.goto(url.pathToFileURL(file).href);
  await page.bringToFront();
  did.title = await page.title();
  did.headings = await page.$$eval("h1,h2,h3,h4,h5,h6", (all) => all.map((h) => Number(h.tagName[1])));
  did.lang = await page.$eval("html", (e) => e.lang);
  did.scripts = await page.$$eval("script", (all) => all.length);
  did.images = await page.$$eval("img,iframe,object,embed,link,base,form", (all) => all.length);
  did.text = await page.evaluate(() => document.body.innerText);
  await page.$$eval("details", (all) => all.forEach((e) => { e.open = true; }));
  const button = await page.$(".cmd button");
  if (button) {
    did.command = await page.$eval(".cmd code", (e) => e.textContent);
    await button.focus();
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.getElementById("live").textContent !== "");
    did.said = await page.$eval("#live", (e) => e.textContent);
    did.copied = await page.evaluate(() => navigator.clipboard.readText()).catch(async () => {
      await page.evaluate(() => { const t = document.createElement("textarea"); t.id = "paste"; document.body.appendChild(t); t.focus(); });
      await page.keyboard.down("Control");
      await page.keyboard.press("v");
      await page.keyboard.up("Control");
      return page.$eval("#paste", (e) => e.value);
    });
  }
  await page.$$eval("details", (all) => all.forEach((e) => { e.open = false; }));
  if (await page.$("#overview")) {
    const column = () => page.$$eval("#overview tbody tr", (all) => all.map((r) => r.cells[2].textContent));
    const head = (await page.$$("#overview thead button"))[2];
    await head.click();
    did.up = await column();
    await head.click();
    did.down = await column();
    did.sort = await page.$eval("#overview thead th:nth-child(3)", (e) => e.getAttribute("aria-sort"));
    did.choices = await page.$$eval(".tools option", (all) => all.map((o) => [o.value, o.textContent]));
    await page.select(".tools select", did.choices[1][0]);
    did.filtered = await page.$$eval("#overview tbody tr", (all) => all.filter((r) => r.getClientRects().length).map((r) => r.getAttribute("data-causes")));
    did.sections = await page.$$eval(".incident", (all) => all.filter((r) => r.getClientRects().length).length);
    await page.select(".tools select", "");
    await page.click("#overview tbody tr:last-child a");
    await page.waitForFunction(() => document.querySelector(location.hash).getClientRects().length > 0);
    did.opened = await page.$eval(await page.evaluate(() => location.hash), (e) => e.parentElement.open);
  }
  await page.setJavaScriptEnabled(false);
  await page.reload();
  did.plain = await page.$$eval("body", (all) => all[0].innerText).catch(() => null);
  await page.close();
  return did;
}

(async () => {
  const browser = await puppeteer.launch({ executablePath: chromium, headless: true, userDataDir: profile,
    args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"] });
  const out = { looks: [], uses: [] };
  try {
    for (const file of pages) {
      for (const scheme of ["light", "dark"]) out.looks.push(await look(browser, file, scheme));
      out.uses.push(await use(browser, file));
    }
  } finally {
    await browser.close();
  }
  process.stdout.write(JSON.stringify(out));
})().catch((e) => { console.error(e); process.exit(1); });
