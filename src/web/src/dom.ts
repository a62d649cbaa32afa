/** Elements without markup: text only ever enters the page as text. */

type Props = Record<string, string | number | boolean | EventListener | undefined>;
type Child = Node | string | number | null | undefined | false;

function fill<T extends Element>(e: T, props: Props, children: Child[]): T {
  for (const [k, v] of Object.entries(props)) {
    if (v === undefined || v === false) continue;
    if (typeof v === "function") e.addEventListener(k, v);
    else e.setAttribute(k, v === true ? "" : String(v));
  }
  for (const c of children) {
    if (c !== null && c !== undefined && c !== false) e.append(typeof c === "number" ? String(c) : c);
  }
  return e;
}

/** An element: attributes, listeners (function values), children. */
export function el<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  props: Props = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), props, children);
}

const SVG = "http://www.w3.org/2000/svg";

/** A 24 x 24 line drawing from path data. */
export function icon(...paths: string[]): SVGSVGElement {
  const svg = fill(
    document.createElementNS(SVG, "svg"),
    { viewBox: "0 0 24 24", "aria-hidden": "true", class: "icon" },
    [],
  );
  for (const d of paths) svg.append(fill(document.createElementNS(SVG, "path"), { d }, []));
  return svg;
}

export function byId(id: string): HTMLElement {
  const e = document.getElementById(id);
  if (!e) throw new Error(`no element ${id}`);
  return e;
}

export const ICON = {
  search: ["M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 0 0 0-13z", "M15.5 15.5L20 20"],
  locate: ["M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8z", "M12 2v4M12 18v4M2 12h4M18 12h4"],
  back: ["M15 5l-7 7l7 7"],
  close: ["M6 6l12 12M18 6L6 18"],
  tune: ["M4 7h9M17 7h3M4 17h3M11 17h9", "M15 4.5v5M9 14.5v5"],
  sun: ["M12 8a4 4 0 1 0 0 8a4 4 0 0 0 0-8z", "M12 2v2M12 20v2M2 12h2M20 12h2M5 5l1.4 1.4M17.6 17.6L19 19M5 19l1.4-1.4M17.6 6.4L19 5"],
  home: ["M4 11l8-7l8 7", "M6 10v9h12v-9"],
  next: ["M9 5l7 7l-7 7"],
} as const;
