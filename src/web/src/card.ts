/** The card: who is responsible at a point, or one grid with what is above and below it. */
import { grid as askGrid, type Answer, type Candidate, type Grid, type Level } from "./api";
import { el, icon, ICON } from "./dom";
import type { AtPoint } from "./hash";
import { area, levelName, num, revisionText, t, tOr, type Word } from "./i18n";

export interface CardEvents {
  close(): void;
  back(): void;
  grid(code: string): void;
  floor(floor: number | undefined): void;
  canGoBack(): boolean;
}

function head(events: CardEvents, title: string, overline: string): HTMLElement {
  const button = (label: string, paths: readonly string[], click: () => void): HTMLElement =>
    el("button", { type: "button", class: "plain", "aria-label": label, title: label, click }, icon(...paths));
  return el(
    "div",
    { class: "head" },
    events.canGoBack() && button(t("back"), ICON.back, events.back),
    el("div", { class: "titles" }, el("p", { class: "over" }, overline), el("h2", {}, title)),
    button(t("close"), ICON.close, events.close),
  );
}

function fact(name: string, ...value: (Node | string | null)[]): HTMLElement {
  return el("div", { class: "fact" }, el("dt", {}, name), el("dd", {}, ...value));
}

const percent = (p: number): string => `${p > 0 && p < 0.01 ? "<1" : Math.round(p * 100)}%`;
const metres = (m: number): string => num(m < 10 ? Math.round(m * 10) / 10 : Math.round(m));

function word(prefix: string, value: string): string {
  return tOr(`${prefix}_${value}`, value);
}

export function waiting(card: HTMLElement, events: CardEvents, title: string): void {
  card.replaceChildren(head(events, "…", title), el("div", { class: "busy" }));
  card.setAttribute("aria-busy", "true");
  card.hidden = false;
}

/* One row of the chain; the number of households comes with the grid's own answer. */
function chainRow(events: CardEvents, level: Level, i: number, at: { code: string; name: string; probability?: number }): HTMLElement {
  const households = el("span", { class: "count" });
  void askGrid(at.code)
    .then((g) => {
      if (g.households !== undefined) households.textContent = t("hh", { n: num(g.households) });
    })
    .catch(() => undefined); // the row is right without it
  const p = at.probability;
  return el(
    "li",
    {},
    el(
      "button",
      { type: "button", class: "row", "data-level": level.key, click: () => events.grid(at.code) },
      el("span", { class: `badge badge-${Math.min(i, 2)}` }, levelName(level)),
      el("span", { class: "name" }, el("b", {}, at.name || at.code), el("code", {}, at.code)),
      p !== undefined && p < 0.9995 && el("span", { class: "share" }, percent(p)),
      households,
    ),
  );
}

/* The server names the likeliest ones only. */
function candidates(events: CardEvents, list: Candidate[], level: Level): HTMLElement {
  const rest = 1 - list.reduce((sum, c) => sum + c.probability, 0);
  return el(
    "section",
    { class: "candidates" },
    el("h3", {}, t("candidates", { level: levelName(level) })),
    el(
      "ol",
      {},
      ...list.map((c) => {
        const bar = el("span", { class: "bar" });
        bar.style.setProperty("--share", String(Math.min(1, Math.max(0, c.probability))));
        return el(
          "li",
          {},
          el(
            "button",
            { type: "button", class: "row candidate", title: c.code, click: () => events.grid(c.code) },
            el("span", { class: "name" }, el("b", {}, c.name || c.code), el("code", {}, c.code)),
            el("span", { class: "share" }, percent(c.probability)),
            c.distance_m > 0 && el("span", { class: "count" }, t("distance", { m: metres(c.distance_m) })),
            bar,
          ),
        );
      }),
    ),
    rest > 0.005 && el("p", { class: "rest" }, t("others", { p: percent(rest) })),
  );
}

function floors(events: CardEvents, a: Answer, at: AtPoint): HTMLElement | null {
  const n = a.building?.floors ?? 0;
  if (n < 2 || (a.rule !== "tower" && a.rule !== "floor")) return null;
  const select = el("select", { id: "floor" }, el("option", { value: "" }, t("floorAny")));
  for (let f = 1; f <= n; f++) select.append(el("option", { value: f }, String(f)));
  select.value = at.floor === undefined ? "" : String(at.floor);
  select.addEventListener("change", () => events.floor(select.value === "" ? undefined : Number(select.value)));
  return el("label", { class: "floor" }, t("chooseFloor"), select);
}

function boundary(a: Answer): HTMLElement | null {
  if (!a.on_boundary) return null;
  const other = a.other_side?.name || a.other_side?.code;
  return el("p", { class: "notice" }, other ? `${t("boundary")} ${other}` : t("boundaryOnly"));
}

function certainty(a: Answer, levels: Level[]): HTMLElement | null {
  if (a.rule === "outside") return null;
  const how = a.accuracy_m ? t("certainHow", { m: metres(a.accuracy_m) }) : t("certainExact");
  const sure = levels.find((l) => l.key === a.certain_to);
  const text = sure
    ? el("span", {}, el("b", {}, levelName(sure)), el("small", {}, ` ${how}`))
    : el("span", { class: "unsure" }, t("certainNone"), el("small", {}, ` ${how}`));
  const same = a.same_answer_within_m;
  return fact(t("certain"), text, same ? el("small", { class: "block" }, t("sameWithin", { m: metres(same) })) : null);
}

function buildingText(a: Answer): string {
  if (a.building) {
    const { name, floors: n, households } = a.building;
    const parts = [name || t("unnamedBuilding")];
    if (n) parts.push(t("floorsN", { n }));
    if (households !== undefined) parts.push(t("hh", { n: num(households) }));
    return parts.join(" · ");
  }
  if (a.plot?.kind === "building") return t("yard");
  return a.plot?.kind === "water" ? t("water") : t("openLand");
}

export function showAnswer(card: HTMLElement, events: CardEvents, a: Answer, at: AtPoint, levels: Level[]): void {
  const here = `${a.location.lon.toFixed(6)}, ${a.location.lat.toFixed(6)}`;
  const finest = levels[levels.length - 1];
  const chain = levels.flatMap((l, i) => {
    const g = a.levels[l.key];
    return g ? [chainRow(events, l, i, g)] : [];
  });
  // what is sure is the headline; what is only likely stands below with its share
  const sure = a.certain_to ? a.levels[a.certain_to] : null;
  const title = a.rule === "outside" ? t("outside") : sure?.name || sure?.code || a.division?.name || t("who");
  card.replaceChildren(
    head(events, title, t("who")),
    boundary(a) ?? "",
    el("ol", { class: "chain" }, ...chain),
    floors(events, a, at) ?? "",
    finest && a.candidates.length > 1 ? candidates(events, a.candidates, finest) : "",
    el(
      "dl",
      {},
      ...(a.rule === "outside" ? [] : [fact(t("building"), buildingText(a))]),
      ...(a.division ? [fact(t("division"), `${a.division.name} `, el("code", {}, a.division.code))] : []),
      fact(t("rule"), word("rule", a.rule)),
      certainty(a, levels) ?? "",
    ),
    el("footer", {}, el("code", {}, here), el("span", {}, revisionText(a))),
  );
  card.setAttribute("aria-busy", "false");
}

function crumbs(events: CardEvents, g: Grid): HTMLElement | null {
  if (!g.parents?.length) return null;
  return el(
    "nav",
    { class: "crumbs" },
    ...g.parents.map((p) =>
      el("button", { type: "button", class: "link", title: p.code, click: () => events.grid(p.code) }, p.name || p.code),
    ),
  );
}

function floorsOf(g: Grid): string | null {
  const [a, b] = [g.floor_min ?? 0, g.floor_max ?? 0];
  if (a === 0 && b === 0) return null;
  return a === b ? t("floorOne", { a }) : t("floorRange", { a, b });
}

function children(events: CardEvents, g: Grid, levels: Level[]): HTMLElement | null {
  const list = g.children ?? [];
  const below = levels[levels.findIndex((l) => l.key === g.level) + 1];
  if (list.length === 0 || !below) return null;
  const most = Math.max(1, ...list.map((c) => c.households ?? 0));
  return el(
    "section",
    { class: "children" },
    el("h3", {}, t("children", { level: levelName(below), n: list.length })),
    el(
      "ul",
      {},
      ...list.map((c) => {
        const bar = el("span", { class: "bar" });
        bar.style.setProperty("--share", String((c.households ?? 0) / most));
        return el(
          "li",
          {},
          el(
            "button",
            { type: "button", class: "row", title: c.code, click: () => events.grid(c.code) },
            el("span", { class: "name" }, el("b", {}, c.name || c.code)),
            el("span", { class: "count" }, t("hh", { n: num(c.households ?? 0) })),
            bar,
          ),
        );
      }),
    ),
  );
}

export function showGrid(card: HTMLElement, events: CardEvents, g: Grid, levels: Level[]): void {
  const level = levels.find((l) => l.key === g.level);
  const facts: HTMLElement[] = [];
  const number = (label: Word, n: number | undefined): void => {
    if (n !== undefined) facts.push(el("div", { class: "stat" }, el("dd", {}, num(n)), el("dt", {}, t(label))));
  };
  number("households", g.households);
  number("buildings", g.buildings);
  if (g.area_m2) {
    facts.push(el("div", { class: "stat" }, el("dd", {}, area(g.area_m2)), el("dt", {}, t("area"))));
  }
  const range = floorsOf(g);
  card.replaceChildren(
    head(events, g.name || g.code, level ? levelName(level) : (g.level_name ?? g.level)),
    crumbs(events, g) ?? "",
    el("dl", { class: "stats" }, ...facts),
    el(
      "dl",
      {},
      fact(t("code"), el("code", {}, g.code)),
      ...(range ? [fact(t("floors"), range)] : []),
      ...(g.kind ? [fact(t("kind"), word("kind", g.kind))] : []),
    ),
    children(events, g, levels) ?? "",
  );
  card.setAttribute("aria-busy", "false");
}
