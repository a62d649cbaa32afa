/** The search box: addresses, names, codes from the server, or a coordinate in a named system. */
import { search, type Hit } from "./api";
import { el, icon, ICON } from "./dom";
import { parseCoordinate, type AtPoint } from "./hash";
import { t, tOr } from "./i18n";
import { tell } from "./toast";

export interface SearchEvents {
  point(at: AtPoint): void;
  hit(hit: Hit): void;
}

const SYSTEMS = [
  ["wgs84", "WGS 84"],
  ["cgcs2000", "CGCS2000"],
  ["gcj02", "GCJ-02"],
  ["bd09", "BD-09"],
] as const;

type Row = { text: string; kind: string; pick: () => void };

export function searchBox(events: SearchEvents): { root: HTMLElement; focus: () => void } {
  const input = el("input", {
    type: "search",
    id: "q",
    role: "combobox",
    autocomplete: "off",
    spellcheck: "false",
    enterkeyhint: "search",
    "aria-label": t("searchLabel"),
    "aria-expanded": "false",
    "aria-controls": "hits",
    "aria-autocomplete": "list",
    placeholder: t("search"),
    maxlength: 200,
  });
  const crs = el("select", { id: "crs" });
  for (const [value, name] of SYSTEMS) crs.append(el("option", { value }, name));
  const accuracy = el("input", { id: "accuracy", type: "number", min: 0, max: 10000, step: "any", placeholder: "0" });
  const options = el(
    "div",
    { id: "options", hidden: true },
    el("label", {}, t("crs"), crs),
    el("label", {}, t("accuracy"), accuracy),
  );
  const optionsButton = el(
    "button",
    {
      type: "button",
      class: "plain",
      title: t("options"),
      "aria-label": t("options"),
      "aria-expanded": "false",
      "aria-controls": "options",
    },
    icon(...ICON.tune),
  );
  // a form with two fields sends nothing on Enter unless it has a button for it
  const lens = el("button", { type: "submit", class: "plain", "aria-label": t("searchLabel") }, icon(...ICON.search));
  const list = el("ul", { id: "hits", role: "listbox", "aria-label": t("searchLabel"), hidden: true });
  const note = el("p", { id: "nohits", "aria-live": "polite", hidden: true });
  const form = el(
    "form",
    { role: "search", autocomplete: "off" },
    el("div", { class: "line" }, lens, input, optionsButton),
    options,
    list,
    note,
  );

  let rows: Row[] = [];
  let active = -1;
  let timer = 0;
  let asking: AbortController | null = null;

  function showOptions(on: boolean): void {
    options.hidden = !on;
    optionsButton.setAttribute("aria-expanded", String(on));
  }
  function setActive(i: number): void {
    active = rows.length ? (i + rows.length) % rows.length : -1;
    [...list.children].forEach((li, k) => li.setAttribute("aria-selected", String(k === active)));
    const now = list.children[active];
    if (now) {
      input.setAttribute("aria-activedescendant", now.id);
      now.scrollIntoView({ block: "nearest" });
    } else input.removeAttribute("aria-activedescendant");
  }
  function show(next: Row[], empty = ""): void {
    rows = next;
    list.replaceChildren(
      ...rows.map((r, k) =>
        el(
          "li",
          {
            role: "option",
            id: `hit-${k}`,
            "aria-selected": "false",
            // before the box loses the focus and closes the list
            mousedown: (e) => e.preventDefault(),
            click: () => pick(r),
          },
          el("span", { class: `tag tag-${r.kind}` }, tOr(`kind_${r.kind}`, r.kind)),
          el("span", { class: "hit" }, r.text),
        ),
      ),
    );
    list.hidden = rows.length === 0;
    note.textContent = empty;
    note.hidden = empty === "";
    input.setAttribute("aria-expanded", String(rows.length > 0));
    setActive(-1);
  }
  function pick(r: Row): void {
    close();
    r.pick();
  }
  function close(): void {
    clearTimeout(timer);
    asking?.abort();
    show([]);
  }
  function point(): Row | null {
    const c = parseCoordinate(input.value);
    if (!c) return null;
    const at: AtPoint = { kind: "at", ...c };
    if (crs.value !== "wgs84") at.crs = crs.value;
    const metres = accuracy.valueAsNumber;
    if (metres > 0) at.accuracy = metres;
    const system = crs.selectedOptions[0]?.textContent ?? "";
    return {
      kind: "point",
      text: `${t("goThere")} · ${c.lon}, ${c.lat} · ${system}`,
      pick: () => events.point(at),
    };
  }
  async function ask(): Promise<Row[]> {
    const q = input.value.trim();
    asking?.abort();
    if (q === "") {
      show([]);
      return [];
    }
    asking = new AbortController();
    try {
      const hits = await search(q, asking.signal);
      const found = hits.map((h) => ({ text: h.text, kind: h.kind, pick: () => events.hit(h) }));
      show(found, found.length ? "" : t("noHits", { q }));
      return found;
    } catch (e) {
      tell(e);
      return [];
    }
  }
  function typed(): void {
    clearTimeout(timer);
    const at = point();
    if (at) {
      asking?.abort();
      showOptions(true);
      show([at]);
      return;
    }
    timer = window.setTimeout(() => void ask(), 220);
  }

  input.addEventListener("input", typed);
  crs.addEventListener("change", typed);
  accuracy.addEventListener("input", typed);
  optionsButton.addEventListener("click", () => showOptions(options.hidden));
  input.addEventListener("keydown", (e) => {
    if (e.isComposing) return; // the keys belong to the input method
    if (e.key === "ArrowDown" || e.key === "ArrowUp") {
      e.preventDefault();
      const step = e.key === "ArrowDown" ? 1 : -1;
      setActive(active < 0 && step < 0 ? rows.length - 1 : active + step);
    } else if (e.key === "Escape" && rows.length > 0) {
      e.stopPropagation();
      close();
    }
  });
  input.addEventListener("blur", () => window.setTimeout(() => form.contains(document.activeElement) || close(), 150));
  form.addEventListener("submit", (e) => {
    e.preventDefault();
    clearTimeout(timer);
    const ready = rows[active] ?? point();
    if (ready) return pick(ready);
    void ask().then((found) => {
      if (found.length === 1 && found[0]) pick(found[0]);
      else if (found.length) setActive(0);
    });
  });
  return { root: form, focus: () => input.focus() };
}
