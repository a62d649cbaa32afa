// The map page against a running server. Environment: XW_URL, XW_AT=lon,lat (a place with households),
// XW_SHOTS (folder for pictures, optional), CHROMIUM (path, optional).
import assert from "node:assert/strict";
import { after, before, test } from "node:test";

import { ask, drawn, features, lat, launch, lon, open, picture, url } from "./browser.mjs";

let browser, levels, answer;
const here = `${lat}/${lon}/0/0`;

before(async () => {
  browser = await launch();
  levels = (await ask("tiles.json")).levels;
  answer = await ask(`locate?lon=${lon}&lat=${lat}`);
  assert.ok(levels.length > 0, "tiles.json names no levels");
  assert.notEqual(answer.rule, "outside", `XW_AT ${lon},${lat} is outside`);
});
after(() => browser?.close());

/** A test with an open page; whatever it did, the page must not have been in trouble. */
function onPage(claim, address, options, body) {
  test(claim, { timeout: 300_000 }, async () => {
    const { page, troubles, close } = await open(browser, address, options);
    try {
      await body(page);
      assert.deepEqual(troubles, options.troubles ?? []);
    } finally {
      await close();
    }
  });
}

const finest = () => levels[levels.length - 1].key;
const cardText = (page) => page.locator("#card").innerText();
async function card(page) {
  await page.locator('#card[aria-busy="false"]').waitFor();
  return page.locator("#card");
}
async function chain(page) {
  await card(page);
  return page
    .locator("#card .chain .row")
    .evaluateAll((rows) => rows.map((r) => [r.dataset.level, r.querySelector("code").textContent]));
}
const expectedChain = (a) => levels.filter((l) => a.levels[l.key]).map((l) => [l.key, a.levels[l.key].code]);
const map = (page, f, arg) => page.evaluate(`(${f})(document.getElementById("map").map, ${JSON.stringify(arg ?? null)})`);

onPage("the whole territory is drawn on opening", "", {}, async (page) => {
  await drawn(page);
  assert.ok((await features(page, `${levels[0].key}s`)) > 0, "no grids of the coarsest level");
  assert.ok((await picture(page, "territory")) > 50, "the picture has hardly any colours");
  assert.equal(await page.getAttribute("html", "lang"), "zh-Hans");
});

onPage("a village street shows buildings, borders and labels", `#16.5/${here}`, {}, async (page) => {
  await drawn(page);
  for (const layer of ["buildings", "barriers", `${finest()}s`, `${finest()}s_label`]) {
    assert.ok((await features(page, layer)) > 0, `layer ${layer} is empty`);
  }
  assert.ok((await picture(page, "street")) > 50);
});

onPage("a click says who is responsible at every level", `#17/${here}`, {}, async (page) => {
  await drawn(page);
  const box = await page.locator("#map").boundingBox();
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  assert.deepEqual(await chain(page), expectedChain(answer));
  const text = await cardText(page);
  for (const level of levels) assert.ok(text.includes(answer.levels[level.key].name), `no name of ${level.key}`);
  await page.waitForFunction(() => /\d 户/.test(document.querySelector("#card .chain").textContent));
  await drawn(page);
  const selected = answer.levels[answer.certain_to ?? finest()].code;
  const codes = await map(page, `(m) => m.querySourceFeatures("grids", {
    sourceLayer: "${answer.certain_to ?? finest()}s", filter: ["==", ["get", "code"], "${selected}"] }).length`);
  assert.ok(codes > 0, `the tiles have no ${selected}`);
  assert.ok(page.url().includes("&at="), "the address does not keep the selection");
  await picture(page, "card");
});

onPage("a typed coordinate is located in the named system with its accuracy", "", {}, async (page) => {
  await drawn(page);
  await page.fill("#q", `${lon}，${lat}`);
  await page.selectOption("#crs", "gcj02");
  await page.fill("#accuracy", "40");
  const asked = page.waitForRequest((r) => r.url().includes("/locate?"));
  await page.press("#q", "Enter");
  const q = new URL((await asked).url()).searchParams;
  assert.equal(q.get("crs"), "gcj02");
  assert.equal(q.get("accuracy"), "40");
  const a = await ask(`locate?${q}`);
  assert.deepEqual(await chain(page), expectedChain(a));
  if (a.candidates.length > 1) {
    assert.equal(await page.locator("#card .candidate").count(), a.candidates.length);
  }
  await drawn(page);
  const ring = await map(page, `(m) => m.queryRenderedFeatures({ layers: ["at-ring"] }).length`);
  assert.ok(ring > 0, "no circle of accuracy");
  await picture(page, "accuracy");
});

onPage("a grid is found by its code and opened down and up again", "", {}, async (page) => {
  await drawn(page);
  const top = answer.levels[levels[0].key];
  await page.fill("#q", top.code);
  await page.locator("#hits li", { hasText: top.name }).first().click();
  await card(page);
  assert.ok((await cardText(page)).includes(top.code));
  const g = await ask(`grids/${top.code}`);
  assert.equal(await page.locator("#card .children .row").count(), g.children.length);
  await page.locator("#card .children .row").first().click();
  await page.waitForFunction((code) => location.hash.includes(code), g.children[0].code);
  await page.locator(".crumbs", { hasText: g.name }).waitFor();
  await drawn(page);
  await picture(page, "grid");
  await page.locator("#card .head button").first().click();
  await page.waitForFunction((code) => location.hash.includes(`grid=${code}`), top.code);
  await page.locator("#card h2", { hasText: g.name }).waitFor();
});

onPage("the 3D view is tilted and raises the buildings", `#16/${here}`, {}, async (page) => {
  await drawn(page);
  await page.click('#views [data-value="3d"]');
  await page.waitForFunction(() => document.getElementById("map").map.getPitch() > 50);
  await drawn(page);
  const bodies = await map(page, `(m) => m.queryRenderedFeatures({ layers: ["building-3d"] }).length`);
  assert.ok(bodies > 0, "no bodies");
  await picture(page, "tilted");
  await page.click('#views [data-value="2d"]');
  await page.waitForFunction(() => document.getElementById("map").map.getPitch() === 0);
  assert.equal(await map(page, `(m) => Boolean(m.getLayer("building-3d"))`), false);
});

onPage("the level switch colours the chosen level only", `#14/${here}`, {}, async (page) => {
  await drawn(page);
  for (const level of levels) {
    await page.click(`#levels [data-value="${level.key}"]`);
    await drawn(page);
    const fills = await map(page, `(m) => m.getStyle().layers.map((l) => l.id).filter((id) => /^[a-z]+-fill$/.test(id))`);
    assert.deepEqual(fills, [`${level.key}-fill`]);
  }
  assert.ok(page.url().includes(`level=${finest()}`));
});

onPage(
  "on a phone the card is a sheet below the map",
  `#17/${here}&at=${lon},${lat}&accuracy=80`, // many candidates: a long card
  { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
  async (page) => {
    const a = await ask(`locate?lon=${lon}&lat=${lat}&accuracy=80`);
    assert.deepEqual(await chain(page), expectedChain(a));
    await drawn(page);
    const sheet = await page.locator("#card").boundingBox();
    assert.equal(Math.round(sheet.width), 390);
    assert.equal(Math.round(sheet.y + sheet.height), 844);
    assert.ok(sheet.height < 844 * 0.6, `the sheet is ${sheet.height} high`);
    const point = await map(page, `(m, at) => m.project(at)`, [lon, lat]);
    assert.ok(point.y > 0 && point.y < sheet.y, "the point is under the sheet");
    const free = { x: 10, y: 180, width: 320, height: Math.floor(sheet.y) - 190 };
    assert.ok((await picture(page, "phone", free)) > 20, "the map above the sheet is empty");
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), 390);
  },
);

onPage("a link brings back view, selection and language", `?lang=en#15.5/${here}&at=${lon},${lat}`, {}, async (page) => {
  assert.deepEqual(await chain(page), expectedChain(answer));
  await drawn(page);
  assert.equal(await page.getAttribute("html", "lang"), "en");
  assert.ok((await cardText(page)).includes("Who is responsible here"));
  assert.ok(Math.abs((await map(page, `(m) => m.getZoom()`)) - 15.5) < 0.01);
});

onPage("the dark theme is dark", `?theme=dark#15.5/${here}&at=${lon},${lat}`, {}, async (page) => {
  await card(page);
  await drawn(page);
  assert.equal(await page.getAttribute("html", "data-theme"), "dark");
  const paper = await page.locator("#top").evaluate((e) => getComputedStyle(e).backgroundColor);
  assert.ok(paper.match(/\d+/g).slice(0, 3).every((c) => Number(c) < 80), paper);
  await picture(page, "dark");
});

onPage("the page works by keyboard alone", `#17/${here}`, {}, async (page) => {
  await drawn(page);
  await page.keyboard.press("/");
  assert.equal(await page.evaluate(() => document.activeElement.id), "q");
  await page.locator(".maplibregl-canvas").focus();
  await page.keyboard.press("Enter");
  assert.deepEqual(await chain(page), expectedChain(answer));
  await page.keyboard.press("Escape");
  assert.ok(await page.locator("#card").isHidden());
});

const aTower = (page) =>
  page.route(`${url}locate**`, async (route) => {
    const reply = await route.fetch();
    const json = { ...(await reply.json()), rule: "tower", building: { name: "", floors: 12, households: 48 } };
    await route.fulfill({ response: reply, json });
  });
onPage("in a tower the floor can be chosen", `#17/${here}&at=${lon},${lat}`, { before: aTower }, async (page) => {
  await card(page);
  assert.equal(await page.locator("#floor option").count(), 13);
  const asked = page.waitForRequest((r) => r.url().includes("floor="));
  await page.selectOption("#floor", "7");
  assert.equal(new URL((await asked).url()).searchParams.get("floor"), "7");
  await page.waitForFunction(() => location.hash.endsWith("&floor=7"));
});

const outdoors = { geolocation: { longitude: lon, latitude: lat, accuracy: 35 }, permissions: ["geolocation"] };
onPage("the position of the device is asked for with its accuracy", "", outdoors, async (page) => {
  await drawn(page);
  const asked = page.waitForRequest((r) => r.url().includes("/locate?"));
  await page.click("#me");
  const q = new URL((await asked).url()).searchParams;
  assert.equal(Number(q.get("accuracy")), 35);
  assert.equal(q.get("crs"), "wgs84");
  assert.deepEqual(await chain(page), expectedChain(await ask(`locate?${q}`)));
});

const EVIL = `<img src=x onerror="window.pwned=1"><b>队</b>`;
const poison = (value) =>
  typeof value === "string"
    ? EVIL
    : Array.isArray(value)
      ? value.map(poison)
      : value && typeof value === "object"
        ? Object.fromEntries(
            Object.entries(value).map(([k, v]) => [
              k,
              ["rule", "certain_to", "level", "key", "code", "kind"].includes(k) ? v : poison(v),
            ]),
          )
        : value;
async function poisoned(page) {
  for (const path of ["locate", "grids/", "search"]) {
    await page.route(`${url}${path}**`, async (route) => {
      const reply = await route.fetch();
      await route.fulfill({ response: reply, json: poison(await reply.json()) });
    });
  }
  await page.route(`${url}tiles.json`, async (route) => {
    const reply = await route.fetch();
    const json = await reply.json();
    json.levels.forEach((l) => (l.name = EVIL));
    await route.fulfill({ response: reply, json: { ...json, name: EVIL, attribution: EVIL } });
  });
}
onPage("markup in names stays text", `#17/${here}&at=${lon},${lat}`, { before: poisoned }, async (page) => {
  await card(page);
  assert.ok((await cardText(page)).includes(EVIL), "the name is not shown as it is");
  await page.locator("#card .chain .row").first().click();
  await page.locator("#card .stats").waitFor();
  await page.fill("#q", answer.levels[levels[0].key].code);
  await page.locator("#hits li").first().waitFor();
  assert.ok((await page.locator("#hits").innerText()).includes(EVIL));
  await drawn(page);
  assert.equal(await page.locator("img").count(), 0);
  assert.equal(await page.evaluate(() => window.pwned), undefined);
});

test("the page says so when the server is away, and comes back by itself", { timeout: 300_000 }, async () => {
  const { page, close } = await open(browser, `#17/${here}`);
  try {
    await drawn(page);
    let away = true;
    await page.route(`${url}locate**`, (route) => (away ? route.abort() : route.continue()));
    await page.mouse.click(640, 400);
    await page.locator("#toast", { hasText: "服务器没有响应" }).waitFor();
    assert.ok(await page.locator("#card").isHidden());
    away = false;
    await page.mouse.click(640, 400);
    assert.deepEqual(await chain(page), expectedChain(answer));
  } finally {
    await close();
  }
});

test("a page opened before the server is up draws when it is", { timeout: 300_000 }, async () => {
  let away = true;
  const { page, close } = await open(browser, "", {
    before: (p) => p.route(`${url}tiles.json`, (route) => (away ? route.abort() : route.continue())),
  });
  try {
    await page.locator("#toast", { hasText: "服务器没有响应" }).waitFor();
    away = false;
    await drawn(page);
    assert.ok(await page.locator("#toast").isHidden());
  } finally {
    await close();
  }
});

test("a refused coordinate is said in the server's words", { timeout: 300_000 }, async () => {
  const { page, close } = await open(browser, "");
  try {
    await drawn(page);
    await page.fill("#q", "120, 95");
    await page.press("#q", "Enter");
    await page.locator("#toast", { hasText: "95" }).waitFor();
  } finally {
    await close();
  }
});
