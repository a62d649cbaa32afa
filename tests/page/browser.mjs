// A browser on the real page: every test gets a fresh context and fails on console errors, on page
// errors and on any request that leaves the server.
import { mkdirSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(new URL("../../src/web/package.json", import.meta.url));
const { chromium } = require("playwright-core");

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

function needed(name, what) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: ${what}`);
  return value;
}

export const url = needed("XW_URL", "the address of a running server").replace(/\/*$/, "/");
export const [lon, lat] = needed("XW_AT", "lon,lat of a place with households").split(",").map(Number);
export const shots = process.env.XW_SHOTS ?? "";
if (shots) mkdirSync(shots, { recursive: true });

export const launch = () =>
  chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });

export async function ask(path) {
  const reply = await fetch(url + path);
  if (!reply.ok) throw new Error(`${path}: ${reply.status} ${await reply.text()}`);
  return reply.json();
}

/** Opens the page; `troubles` lists what a good page does not do. */
export async function open(browser, address = "", options = {}) {
  const context = await browser.newContext({
    viewport: { width: 1280, height: 800 },
    serviceWorkers: "block",
    ...options,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(60_000);
  const troubles = [];
  page.on("console", (m) => {
    if (m.type() === "error") troubles.push(m.text());
  });
  page.on("pageerror", (e) => troubles.push(e.message));
  page.on("request", (r) => {
    if (/^https?:/.test(r.url()) && !r.url().startsWith(url)) troubles.push(`left the server: ${r.url()}`);
  });
  if (options.before) await options.before(page);
  await page.goto(url + address);
  /* A handler may still be busy with an answer that nobody will see. */
  const close = async () => {
    await page.unrouteAll({ behavior: "ignoreErrors" });
    await context.close();
  };
  return { page, troubles, close };
}

/** Waits until the map has tiles and has drawn them. */
export async function drawn(page) {
  await page.waitForFunction(
    () => {
      const map = document.getElementById("map").map;
      return map?.getSource("grids") && map.isStyleLoaded() && map.areTilesLoaded() && !map.isMoving();
    },
    null,
    { timeout: 120_000 },
  );
  await page.evaluate(
    () =>
      new Promise((done) => {
        const map = document.getElementById("map").map;
        map.once("idle", done);
        map.triggerRepaint();
      }),
  );
}

export const features = (page, layer) =>
  page.evaluate(
    (sourceLayer) =>
      document.getElementById("map").map.querySourceFeatures("grids", { sourceLayer }).length,
    layer,
  );

/** Saves a picture and counts its colours within `clip`, in a page without the site's policy. */
export async function picture(page, name, clip) {
  const path = shots ? { path: join(shots, `${name}.png`) } : {};
  await page.screenshot(path);
  const png = await page.screenshot(clip ? { clip } : {});
  const blank = await page.context().newPage();
  const colours = await blank.evaluate(async (base64) => {
    const bytes = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
    const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
    const canvas = new OffscreenCanvas(bitmap.width, bitmap.height);
    const g = canvas.getContext("2d");
    g.drawImage(bitmap, 0, 0);
    const seen = new Set();
    const pixels = new Uint32Array(g.getImageData(0, 0, bitmap.width, bitmap.height).data.buffer);
    for (const p of pixels) seen.add(p);
    return seen.size;
  }, png.toString("base64"));
  await blank.close();
  return colours;
}
