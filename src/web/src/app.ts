import {
  FullscreenControl,
  Map as MapLibreMap,
  NavigationControl,
  ScaleControl,
  setWorkerUrl,
  type MapMouseEvent,
} from "maplibre-gl";
import workerUrl from "maplibre-gl/dist/maplibre-gl-worker.mjs?worker&url";

import { grid as askGrid, locate, Refused, tileJson, tileTemplate, type Hit, type TileJson } from "./api";
import { showAnswer, showGrid, waiting, type CardEvents } from "./card";
import { byId, el } from "./dom";
import { readHash, writeHash, type AtPoint, type Selection } from "./hash";
import { levelName, mapLocale, revisionText, t } from "./i18n";
import { insidePoint } from "./inside";
import type { Theme } from "./palette";
import { searchBox } from "./search";
import { buildStyle, shownLevel, type Look } from "./style";
import { hideSticky, tell, toast } from "./toast";
import { drawLegend, tools, type Tools } from "./tools";

/** How often the page asks whether a new revision is in force, and asks again when nobody answered. */
const REFRESH_MS = 60_000;
const RETRY_MS = 4_000;
const TILT = 58;

setWorkerUrl(workerUrl);

const narrow = (): boolean => window.matchMedia("(max-width: 640px)").matches;

function firstTheme(): Theme {
  return new URLSearchParams(location.search).get("theme") === "dark" ? "dark" : "light";
}

/** Writing grows with the screen: a wall is read from across the room. */
function screenScale(): number {
  return Math.min(2, Math.max(1, window.innerWidth / 2100));
}

export class App {
  private readonly map: MapLibreMap;
  private readonly card = byId("card");
  private readonly tools: Tools;
  private readonly look: Look;
  private info: TileJson | null = null;
  private selection: Selection | null = null;
  private depth = 0;
  private asking: AbortController | null = null;
  private started = false;
  private refreshed = 0;
  private timer = 0;

  constructor() {
    const { view, level } = readHash(location.hash);
    this.look = {
      theme: firstTheme(),
      tilted: (view?.pitch ?? 0) > 20,
      level,
      levels: [],
      tiles: null,
      bounds: null,
      selected: null,
      at: null,
      scale: screenScale(),
    };
    this.map = new MapLibreMap({
      container: "map",
      style: buildStyle(this.look),
      center: view ? [view.lon, view.lat] : [104, 35],
      zoom: view?.zoom ?? 3,
      bearing: view?.bearing ?? 0,
      pitch: view?.pitch ?? 0,
      maxPitch: 70,
      maxZoom: 20,
      attributionControl: false,
      locale: mapLocale(),
      canvasContextAttributes: { antialias: true },
    });
    this.tools = tools({
      level: (key) => this.setLevel(key),
      tilt: (on) => this.tilt(on),
      theme: () => this.setTheme(this.look.theme === "dark" ? "light" : "dark"),
      home: () => this.home(),
      locateMe: () => this.locateMe(),
    });
  }

  start(): void {
    this.furniture();
    this.setTheme(this.look.theme);
    this.map.on("load", () => void this.refresh());
    this.map.on("click", (e) => this.clicked(e));
    this.map.on("moveend", () => this.remember());
    this.map.on("zoomend", () => this.hint());
    this.map.on("error", (e) => {
      if (/abort/i.test(e.error.message)) return;
      // a tile that is gone belongs to a revision that is gone: asks for the one in force
      if ((e.error as { status?: number }).status === 404) void this.refresh();
      else toast(t("away"));
    });
    window.addEventListener("popstate", () => this.fromAddress());
    window.addEventListener("keydown", (e) => this.key(e));
    window.addEventListener("resize", () => {
      if (Math.abs(screenScale() - this.look.scale) > 0.05) {
        this.look.scale = screenScale();
        this.restyle();
      }
    });
    // for the tests and for whoever looks at a screen's console
    Object.assign(byId("map"), { map: this.map });
  }

  /* ---- what stands around the map ---- */

  private furniture(): void {
    const box = searchBox({ point: (at) => this.select(at, true), hit: (h) => this.go(h) });
    byId("top").append(
      el("div", { class: "brand" }, el("h1", {}, t("brand")), el("span", {}, t("subtitle"))),
      box.root,
    );
    byId("tools").append(...this.tools.root);
    this.map.addControl(new NavigationControl({ visualizePitch: true }), "top-right");
    this.map.addControl(new FullscreenControl({ container: document.body }), "top-right");
    this.map.addControl(new ScaleControl({ maxWidth: 120 }), "bottom-right");
    this.map.getCanvas().setAttribute("aria-label", t("mapLabel"));
    this.map.getCanvas().addEventListener("keydown", (e) => {
      if (e.key !== "Enter") return;
      const c = this.map.getCenter();
      this.select({ kind: "at", lon: c.lng, lat: c.lat });
    });
    window.addEventListener("keydown", (e) => {
      const typing = e.target instanceof HTMLInputElement || e.target instanceof HTMLSelectElement;
      if (e.key === "/" && !typing) {
        e.preventDefault();
        box.focus();
      }
    });
  }

  private restyle(): void {
    if (!this.look.tiles) return; // until the server has described the map there is nothing to draw
    this.map.setStyle(buildStyle(this.look), { diff: true });
    this.hint();
  }

  private setTheme(theme: Theme): void {
    this.look.theme = theme;
    document.documentElement.dataset["theme"] = theme;
    const url = new URL(location.href);
    if (theme === "dark") url.searchParams.set("theme", "dark");
    else url.searchParams.delete("theme");
    history.replaceState(history.state, "", url);
    this.update();
  }

  private update(): void {
    this.restyle();
    this.tools.update(this.look.levels, this.look.level, this.look.tilted);
    const open = !narrow() && window.innerHeight > 620;
    drawLegend(byId("legend"), this.look.theme, this.look.levels, open, revisionText(this.info ?? {}));
  }

  private setLevel(key: string): void {
    this.look.level = key;
    this.update();
    this.remember();
  }

  private tilt(on: boolean): void {
    this.look.tilted = on;
    this.update();
    const zoom = on ? Math.max(this.map.getZoom(), 15.5) : this.map.getZoom();
    this.map.easeTo({ pitch: on ? TILT : 0, bearing: on ? this.map.getBearing() || -20 : 0, zoom, duration: 800 });
  }

  /** Says so when the chosen level has no tiles at this zoom. */
  private hint(): void {
    const i = shownLevel(this.look, this.map.getZoom());
    const level = this.look.levels[i];
    const from = this.info?.vector_layers?.find((l) => l.id === `${level?.key}s`)?.minzoom ?? 0;
    const box = document.getElementById("hint") ?? el("div", { id: "hint" });
    if (!box.parentElement) byId("tools").after(box);
    box.hidden = !level || Math.floor(this.map.getZoom()) >= from;
    box.textContent = level ? t("zoomIn", { level: levelName(level) }) : "";
  }

  /* ---- the server's description of the map ---- */

  private async refresh(): Promise<void> {
    if (Date.now() - this.refreshed < RETRY_MS / 2) return; // many tiles fail at once
    this.refreshed = Date.now();
    let again = REFRESH_MS;
    try {
      this.describe(await tileJson());
      hideSticky();
    } catch (e) {
      tell(e, true);
      again = RETRY_MS;
    }
    clearTimeout(this.timer);
    this.timer = window.setTimeout(() => void this.refresh(), again);
  }

  private describe(info: TileJson): void {
    const template = tileTemplate(info);
    const changed = template !== this.look.tiles?.template;
    this.info = info;
    if (!changed) return;
    this.look.tiles = { template, minzoom: info.minzoom ?? 0, maxzoom: info.maxzoom ?? 16 };
    this.look.bounds = info.bounds ?? null;
    this.look.levels = info.levels ?? [];
    if (!this.look.levels.some((l) => l.key === this.look.level)) this.look.level = "auto";
    if (info.name) document.title = `${info.name} · ${t("brand")}`;
    if (info.attribution && !document.getElementById("credit")) {
      byId("legend").after(el("div", { id: "credit" }, info.attribution.replace(/<[^>]*>/g, "")));
    }
    this.update();
    if (this.started) {
      if (this.selection) void this.ask(this.selection, false);
      return;
    }
    this.started = true;
    if (!readHash(location.hash).view) this.home(false);
    this.fromAddress();
  }

  private home(animate = true): void {
    const b = this.info?.bounds;
    if (b) this.map.fitBounds(b, { ...this.room(), animate, pitch: this.map.getPitch(), bearing: this.map.getBearing() });
  }

  /** Space that the panels take from the map: the middle of what is left is the middle. */
  private room(): { padding: { top: number; bottom: number; left: number; right: number } } {
    if (narrow()) {
      return { padding: { top: 130, bottom: this.card.hidden ? 60 : this.card.offsetHeight + 20, left: 20, right: 60 } };
    }
    const side = byId("side").offsetWidth;
    return { padding: { top: 40, bottom: 40, left: this.card.hidden ? 60 : side + 30, right: 70 } };
  }

  private flyTo(lon: number, lat: number, zoom: number): void {
    const { top, bottom, left, right } = this.room().padding;
    const offset: [number, number] = [(left - right) / 2, (top - bottom) / 2];
    this.map.flyTo({ center: [lon, lat], zoom, offset, maxDuration: 2500 });
  }

  /* ---- what is selected ---- */

  private clicked(e: MapMouseEvent): void {
    const layers = ["building-3d"].filter((id) => this.map.getLayer(id));
    const hit = layers.length ? this.map.queryRenderedFeatures(e.point, { layers })[0] : undefined;
    const team: unknown = hit?.properties["team_code"];
    if (hit?.properties["floor_min"] && typeof team === "string") {
      this.select({ kind: "grid", code: team }); // a slice of a tower is one team's
      return;
    }
    const at = (hit && insidePoint(hit.geometry)) ?? e.lngLat.wrap();
    this.select({ kind: "at", lon: at.lng, lat: at.lat });
  }

  private go(hit: Hit): void {
    if (hit.kind === "grid" && hit.code) this.select({ kind: "grid", code: hit.code }, true);
    else if (hit.kind === "division") this.flyTo(hit.lon, hit.lat, 13);
    else this.select({ kind: "at", lon: hit.lon, lat: hit.lat }, true);
  }

  private readonly cardEvents: CardEvents = {
    close: () => this.clear(),
    back: () => history.back(),
    grid: (code) => this.select({ kind: "grid", code }, true),
    floor: (floor) => {
      if (this.selection?.kind !== "at") return;
      const { floor: _, ...at } = this.selection;
      this.select(floor === undefined ? at : { ...at, floor });
    },
    canGoBack: () => this.depth > 0,
  };

  /** Selects, with an entry in the history, so that "back" in card and browser are the same. */
  private select(selection: Selection, fly = false): void {
    if (this.selection) this.depth++;
    history.pushState({ depth: this.depth }, "", this.address(selection));
    void this.ask(selection, fly);
  }

  private clear(): void {
    this.asking?.abort();
    this.selection = null;
    this.depth = 0;
    this.card.hidden = true;
    this.look.selected = null;
    this.look.at = null;
    this.restyle();
    history.pushState({ depth: 0 }, "", this.address(null));
    this.map.getCanvas().focus();
  }

  private fromAddress(): void {
    const { view, selection, level } = readHash(location.hash);
    const state = history.state as { depth?: number } | null;
    this.depth = state?.depth ?? 0;
    if (level !== this.look.level && (level === "auto" || this.look.levels.some((l) => l.key === level))) {
      this.setLevel(level);
    }
    if (selection) {
      void this.ask(selection, !view);
    } else if (this.selection) {
      this.asking?.abort();
      this.selection = null;
      this.card.hidden = true;
      this.look.selected = null;
      this.look.at = null;
      this.restyle();
    }
    if (view) this.map.jumpTo({ ...view, center: [view.lon, view.lat] });
  }

  private async ask(selection: Selection, fly: boolean): Promise<void> {
    this.asking?.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    this.selection = selection;
    waiting(this.card, this.cardEvents, selection.kind === "at" ? t("who") : selection.code);
    this.card.scrollTop = 0;
    try {
      if (selection.kind === "grid") await this.askGrid(selection.code, fly, signal);
      else await this.askPoint(selection, fly, signal);
      hideSticky();
    } catch (e) {
      if (signal.aborted) return;
      this.card.hidden = true;
      tell(e instanceof Refused && e.status === 400 ? new Refused(400, t("badCoordinate", { text: e.message })) : e);
    }
  }

  private async askPoint(at: AtPoint, fly: boolean, signal: AbortSignal): Promise<void> {
    const { kind: _, ...place } = at;
    const a = await locate(place, signal);
    if (signal.aborted) return;
    const finest = this.look.levels[this.look.levels.length - 1];
    const sure = a.certain_to ?? finest?.key;
    showAnswer(this.card, this.cardEvents, a, at, this.look.levels);
    this.look.at = { ...a.location, accuracy: a.accuracy_m ?? at.accuracy ?? 0 };
    this.look.selected = (sure ? a.levels[sure]?.code : undefined) ?? null;
    this.restyle();
    if (fly) this.flyTo(a.location.lon, a.location.lat, Math.max(this.map.getZoom(), 17));
    else this.uncover(a.location.lon, a.location.lat);
  }

  private async askGrid(code: string, fly: boolean, signal: AbortSignal): Promise<void> {
    const g = await askGrid(code, signal);
    if (signal.aborted) return;
    showGrid(this.card, this.cardEvents, g, this.look.levels);
    this.look.selected = g.code;
    this.look.at = null;
    this.restyle();
    if (fly && g.bbox) this.map.fitBounds(g.bbox, { ...this.room(), maxZoom: 18, pitch: this.map.getPitch(), bearing: this.map.getBearing() });
    else if (fly && g.label) this.flyTo(g.label[0], g.label[1], 16);
  }

  /** On a phone the sheet may lie over the point: brings it into what is left of the map. */
  private uncover(lon: number, lat: number): void {
    if (!narrow()) return;
    const y = this.map.project([lon, lat]).y;
    const free = this.map.getContainer().clientHeight - this.card.offsetHeight;
    if (y > free - 30) this.map.panBy([0, y - free * 0.6], { duration: 400 });
  }

  private locateMe(): void {
    if (!window.isSecureContext || !navigator.geolocation) {
      toast(t("noGeo", { text: t("geoInsecure") }));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) =>
        this.select(
          { kind: "at", lon: coords.longitude, lat: coords.latitude, crs: "wgs84", accuracy: coords.accuracy },
          true,
        ),
      (e) => toast(t("noGeo", { text: e.message })),
      { enableHighAccuracy: true, timeout: 15_000 },
    );
  }

  /* ---- address bar and keys ---- */

  private address(selection: Selection | null): string {
    const c = this.map.getCenter();
    const view = {
      zoom: this.map.getZoom(),
      lat: c.lat,
      lon: c.lng,
      bearing: this.map.getBearing(),
      pitch: this.map.getPitch(),
    };
    return writeHash(view, selection, this.look.level);
  }

  private remember(): void {
    if (this.started) history.replaceState(history.state, "", this.address(this.selection));
  }

  private key(e: KeyboardEvent): void {
    if (e.key === "Escape" && !this.card.hidden) this.clear();
  }
}
