/** Buttons over the map, and the legend. */
import type { Level } from "./api";
import { el, icon, ICON } from "./dom";
import { lang, levelName, otherLanguage, t } from "./i18n";
import { borderColour, borderWidth, palettes, type Palette, type Theme } from "./palette";

export interface ToolEvents {
  level(key: string): void;
  tilt(on: boolean): void;
  theme(): void;
  home(): void;
  locateMe(): void;
}

export interface Tools {
  root: HTMLElement[];
  /** Brings the buttons to what is shown. */
  update(levels: Level[], level: string, tilted: boolean): void;
}

function segment(label: string): HTMLElement {
  return el("div", { class: "segment", role: "group", "aria-label": label });
}

function choice(text: string, value: string, on: boolean, click: () => void): HTMLElement {
  return el("button", { type: "button", "data-value": value, "aria-pressed": String(on), click }, text);
}

export function tools(events: ToolEvents): Tools {
  const levelGroup = segment(t("level"));
  levelGroup.id = "levels";
  const viewGroup = segment(`${t("view2d")} / ${t("view3d")}`);
  viewGroup.id = "views";
  const square = (id: string, label: string, paths: readonly string[], click: () => void): HTMLElement =>
    el("button", { type: "button", id, class: "square", title: label, "aria-label": label, click }, icon(...paths));
  const language = el(
    "a",
    { id: "lang", class: "square", href: otherLanguage(), title: t("langLabel"), lang: lang === "en" ? "zh-Hans" : "en" },
    lang === "en" ? "中" : "EN",
  );
  // the address after '#' changes while the page is open
  language.addEventListener("click", () => language.setAttribute("href", otherLanguage()));
  const small = el(
    "div",
    { class: "group" },
    square("home", t("home"), ICON.home, events.home),
    square("me", t("locateMe"), ICON.locate, events.locateMe),
    square("theme", t("theme"), ICON.sun, events.theme),
    language,
  );
  return {
    root: [levelGroup, viewGroup, small],
    update(levels, level, tilted) {
      const all = [{ key: "auto", text: t("levelAuto") }, ...levels.map((l) => ({ key: l.key, text: levelName(l) }))];
      levelGroup.replaceChildren(
        ...all.map((l) => choice(l.text, l.key, l.key === level, () => events.level(l.key))),
      );
      viewGroup.replaceChildren(
        choice(t("view2d"), "2d", !tilted, () => events.tilt(false)),
        choice(t("view3d"), "3d", tilted, () => events.tilt(true)),
      );
    },
  };
}

function swatch(kind: string, style: Record<string, string>): HTMLElement {
  const s = el("span", { class: `swatch swatch-${kind}`, "aria-hidden": "true" });
  for (const [k, v] of Object.entries(style)) s.style.setProperty(k, v);
  return s;
}

function rows(p: Palette, levels: Level[]): [HTMLElement, string][] {
  const grids = levels.map((l, i): [HTMLElement, string] => [
    swatch("line", { "--colour": borderColour(p, i), "--width": `${borderWidth(i, levels.length) + 0.6}px` }),
    levelName(l),
  ]);
  const road = (name: string, strong: string): HTMLElement =>
    swatch("road", { "--colour": p.roads[name] ?? "#fff", "--casing": strong });
  const roads = el("span", { class: "swatches" }, road("motorway", p.casingStrong), road("secondary", p.casing), road("other", p.casing));
  return [
    ...grids,
    [swatch("dashed", { "--colour": p.division }), t("legendDivision")],
    [roads, t("legendRoads")],
    [swatch("rail", { "--colour": p.rail, "--gap": p.railGap }), t("legendRail")],
    [swatch("fill", { "--colour": p.water, "--line": p.waterLine }), t("legendWater")],
    [swatch("dashed", { "--colour": p.wall }), t("legendWall")],
    [swatch("fill", { "--colour": p.building, "--line": p.buildingLine }), t("legendBuilding")],
  ];
}

export function drawLegend(box: HTMLElement, theme: Theme, levels: Level[], open: boolean, note: string): void {
  const details = el("details", {}, el("summary", {}, t("legend")));
  details.open = box.querySelector("details")?.open ?? open;
  details.append(
    el("ul", {}, ...rows(palettes[theme], levels).map(([mark, text]) => el("li", {}, mark, el("span", {}, text)))),
    note ? el("p", {}, note) : "",
  );
  box.replaceChildren(details);
}
