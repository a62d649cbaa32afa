/**
 * The MapLibre style as a function of what the page shows: the page hands every new style to the map,
 * which changes only what differs.
 */
import type {
  ExpressionSpecification,
  FilterSpecification,
  LayerSpecification,
  StyleSpecification,
} from "maplibre-gl";

import type { Level } from "./api";
import { borderColour, borderWidth, palettes, type Palette, type Theme } from "./palette";
import { roadLayers } from "./roads";

export interface Look {
  theme: Theme;
  tilted: boolean;
  /** "auto" or the key of a level. */
  level: string;
  levels: Level[];
  tiles: { template: string; minzoom: number; maxzoom: number } | null;
  bounds: [number, number, number, number] | null;
  selected: string | null;
  at: { lon: number; lat: number; accuracy: number } | null;
  /** Larger writing for a wall of screens. */
  scale: number;
}

export const FONT = ["Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"].join(",");

/** The zoom from which a level is the one that is coloured. */
export function levelZoom(i: number, n: number): number {
  return i === 0 ? 0 : 15.2 - 1.8 * (n - 1 - i);
}

/** The level that is coloured at a zoom. */
export function shownLevel(look: Look, zoom: number): number {
  const n = look.levels.length;
  const chosen = look.levels.findIndex((l) => l.key === look.level);
  if (chosen >= 0) return chosen;
  let i = 0;
  while (i + 1 < n && zoom >= levelZoom(i + 1, n)) i++;
  return i;
}

/** A ring of 64 points at so many metres: a local scale is good enough for a circle of metres. */
export function circle(lon: number, lat: number, radius: number): [number, number][] {
  const dLat = radius / 111_132;
  const dLon = radius / (111_320 * Math.max(0.01, Math.cos((lat * Math.PI) / 180)));
  return Array.from({ length: 65 }, (_, k) => {
    const a = ((k % 64) / 64) * 2 * Math.PI;
    return [lon + dLon * Math.cos(a), lat + dLat * Math.sin(a)] as [number, number];
  });
}

function atData(at: Look["at"]): GeoJSON.FeatureCollection {
  if (!at) return { type: "FeatureCollection", features: [] };
  const point = { type: "Point" as const, coordinates: [at.lon, at.lat] };
  const features: GeoJSON.Feature[] = [{ type: "Feature", properties: {}, geometry: point }];
  if (at.accuracy > 0) {
    const ring = circle(at.lon, at.lat, at.accuracy);
    features.push({ type: "Feature", properties: {}, geometry: { type: "Polygon", coordinates: [ring] } });
  }
  return { type: "FeatureCollection", features };
}

function byShade(p: Palette, colours = p.shades): ExpressionSpecification {
  const pairs = colours.flatMap((c, i) => [i, c]);
  const shade = ["%", ["to-number", ["get", "shade"], 0], colours.length];
  return ["match", shade, ...pairs, colours[0]] as unknown as ExpressionSpecification;
}

/* Teams one above the other lie on the same ground: its colour is the lowest one's. */
const ON_GROUND: FilterSpecification = ["<=", ["to-number", ["get", "base_m"], 0], 0];

/** Opacity that comes in at `from` and goes out at `to` (null: stays). */
function fade(opacity: number, from: number, to: number | null): ExpressionSpecification {
  const stops: number[] = from > 0 ? [from - 0.35, 0, from, opacity] : [0, opacity];
  if (to !== null) stops.push(to - 0.35, opacity, to, 0);
  return ["interpolate", ["linear"], ["zoom"], ...stops] as unknown as ExpressionSpecification;
}

interface LevelSpan {
  key: string;
  i: number;
  from: number;
  to: number | null;
  filled: boolean;
  bordered: boolean;
}

function spans(look: Look): LevelSpan[] {
  const n = look.levels.length;
  const chosen = look.levels.findIndex((l) => l.key === look.level);
  return look.levels.map((l, i) => ({
    key: l.key,
    i,
    from: chosen < 0 ? levelZoom(i, n) : 0,
    to: chosen < 0 && i + 1 < n ? levelZoom(i + 1, n) : null,
    filled: chosen < 0 || chosen === i,
    bordered: chosen < 0 || chosen >= i,
  }));
}

function fills(p: Palette, look: Look): LayerSpecification[] {
  return spans(look)
    .filter((s) => s.filled)
    .map((s) => ({
      id: `${s.key}-fill`,
      type: "fill" as const,
      source: "grids",
      "source-layer": `${s.key}s`,
      minzoom: Math.max(0, s.from - 0.35),
      maxzoom: s.to ?? 24,
      filter: ON_GROUND,
      paint: {
        "fill-color": byShade(p),
        "fill-opacity": fade(p.shadeOpacity, s.from, s.to),
        "fill-antialias": false,
      },
    }));
}

function borders(p: Palette, look: Look): LayerSpecification[] {
  const n = look.levels.length;
  const layers: LayerSpecification[] = [];
  for (const s of spans(look).filter((x) => x.bordered).reverse()) {
    const width = borderWidth(s.i, n) * look.scale;
    const common = {
      type: "line" as const,
      source: "grids",
      "source-layer": `${s.key}s`,
      minzoom: Math.max(0, s.from - 0.5),
      layout: { "line-join": "round" as const },
    };
    const grow = (w: number): ExpressionSpecification =>
      ["interpolate", ["linear"], ["zoom"], 10, w * 0.45, 15, w * 0.8, 18, w * 1.3] as never;
    if (s.i < n - 1) {
      layers.push({
        ...common,
        id: `${s.key}-halo`,
        paint: { "line-color": p.borderHalo, "line-width": grow(width + 2.5), "line-opacity": 0.55 },
      });
    }
    layers.push({
      ...common,
      id: `${s.key}-line`,
      paint: { "line-color": borderColour(p, s.i), "line-width": grow(width), "line-opacity": 0.9 },
    });
  }
  return layers;
}

function selection(p: Palette, look: Look): LayerSpecification[] {
  if (look.selected === null) return [];
  const filter: FilterSpecification = ["==", ["get", "code"], look.selected];
  return look.levels.flatMap((l): LayerSpecification[] => {
    const common = { source: "grids", "source-layer": `${l.key}s`, filter };
    const paint = { "line-color": p.selected, "line-width": 3.4 * look.scale };
    return [
      {
        ...common,
        id: `${l.key}-selected-fill`,
        type: "fill",
        paint: { "fill-color": p.selected, "fill-opacity": 0.16, "fill-antialias": false },
      },
      {
        ...common,
        id: `${l.key}-selected-halo`,
        type: "line",
        layout: { "line-join": "round" },
        paint: { "line-color": p.halo, "line-width": 7 * look.scale, "line-opacity": 0.75 },
      },
      { ...common, id: `${l.key}-selected`, type: "line", layout: { "line-join": "round" }, paint },
    ];
  });
}

function ground(p: Palette): LayerSpecification[] {
  const plots = { source: "grids", "source-layer": "plots", type: "fill" } as const;
  return [
    { id: "background", type: "background", paint: { "background-color": p.background } },
    {
      id: "land",
      source: "grids",
      "source-layer": "divisions",
      type: "fill",
      paint: { "fill-color": p.land },
    },
    {
      ...plots,
      id: "open",
      filter: ["==", ["get", "kind"], "open"],
      paint: { "fill-color": p.open, "fill-antialias": false },
    },
  ];
}

/* Over the colours of the grids, which would turn every river into another hue. */
function water(p: Palette): LayerSpecification[] {
  const fill = { source: "grids", type: "fill" } as const;
  const paint = { "fill-color": p.water, "fill-antialias": false };
  return [
    {
      ...fill,
      id: "water-plot",
      "source-layer": "plots",
      filter: ["==", ["get", "kind"], "water"],
      paint,
    },
    { ...fill, id: "water", "source-layer": "water", paint },
  ];
}

/* A tower is one feature per team: a slice from min_height up to height, in the colour of its team. */
function houses(p: Palette, look: Look): LayerSpecification[] {
  const lived: ExpressionSpecification = [">", ["to-number", ["get", "households"], 0], 0];
  const base: ExpressionSpecification = ["to-number", ["get", "min_height"], 0];
  const top: ExpressionSpecification = ["max", 3, ["to-number", ["get", "height"], 0]];
  const source = { source: "grids", "source-layer": "buildings" } as const;
  const flat: LayerSpecification = {
    ...source,
    id: "building",
    type: "fill",
    minzoom: 12.5,
    filter: ["<=", base, 0],
    paint: {
      "fill-color": ["case", lived, p.building, p.buildingLow],
      "fill-outline-color": ["interpolate", ["linear"], ["zoom"], 14, p.building, 16, p.buildingLine],
      "fill-opacity": ["interpolate", ["linear"], ["zoom"], 12.5, 0.3, 14.5, 0.95],
    },
  };
  if (!look.tilted) return [flat];
  const chosen: ExpressionSpecification = ["==", ["get", "team_code"], look.selected ?? ""];
  const solid: LayerSpecification = {
    ...source,
    id: "building-3d",
    type: "fill-extrusion",
    minzoom: 13.5,
    paint: {
      "fill-extrusion-color": ["case", chosen, p.selected, lived, byShade(p, p.solids), p.buildingLow],
      "fill-extrusion-base": ["case", [">", base, 0], ["+", base, 0.25], 0],
      "fill-extrusion-height": top,
      "fill-extrusion-opacity": 0.92,
    },
  };
  return [flat, solid];
}

function labels(p: Palette, look: Look): LayerSpecification[] {
  const n = look.levels.length;
  const text = { "text-color": p.text, "text-halo-color": p.halo, "text-halo-width": 1.6 };
  const layers: LayerSpecification[] = [
    {
      id: "road-name",
      type: "symbol",
      source: "grids",
      "source-layer": "barriers",
      minzoom: 14.5,
      filter: ["!=", ["coalesce", ["get", "name"], ""], ""],
      layout: {
        "symbol-placement": "line",
        "symbol-spacing": 420,
        "text-field": ["get", "name"],
        "text-font": [FONT],
        "text-size": 11.5 * look.scale,
        "text-max-angle": 35,
      },
      paint: { ...text, "text-color": p.textSoft },
    },
  ];
  for (const s of spans(look).filter((x) => x.filled).reverse()) {
    const finest = s.i === n - 1;
    const households: ExpressionSpecification = ["to-string", ["get", "households"]];
    const name: ExpressionSpecification = ["coalesce", ["get", "name"], ["get", "code"]];
    layers.push({
      id: `${s.key}-label`,
      type: "symbol",
      source: "grids",
      "source-layer": `${s.key}s_label`,
      minzoom: Math.max(0, s.from - 0.2),
      maxzoom: s.to ?? 24,
      layout: {
        "text-field": finest
          ? ["step", ["zoom"], name, 16.5, ["concat", name, "\n", households, document.documentElement.lang === "en" ? " hh" : "户"]]
          : name,
        "text-font": [FONT],
        "text-size": (finest ? 12 : 15.5 - s.i) * look.scale,
        "text-max-width": 9,
        "text-padding": 4,
        "symbol-sort-key": ["-", 0, ["to-number", ["get", "households"], 0]],
      },
      paint: { ...text, "text-color": finest ? p.text : borderColour(p, Math.min(s.i, 1)) },
    });
  }
  layers.push({
    id: "division-label",
    type: "symbol",
    source: "grids",
    "source-layer": "divisions_label",
    maxzoom: 14,
    layout: {
      "text-field": ["get", "name"],
      "text-font": [FONT],
      "text-size": ["interpolate", ["linear"], ["zoom"], 8, 12 * look.scale, 13, 17 * look.scale],
      "text-letter-spacing": 0.12,
      "text-max-width": 8,
    },
    paint: { ...text, "text-color": p.division, "text-halo-width": 2 },
  });
  return layers;
}

function pin(p: Palette, scale: number): LayerSpecification[] {
  return [
    {
      id: "at-disc",
      type: "fill",
      source: "at",
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "fill-color": p.at, "fill-opacity": 0.14 },
    },
    {
      id: "at-ring",
      type: "line",
      source: "at",
      filter: ["==", ["geometry-type"], "Polygon"],
      paint: { "line-color": p.at, "line-width": 1.6, "line-opacity": 0.8 },
    },
    {
      id: "at-point",
      type: "circle",
      source: "at",
      filter: ["==", ["geometry-type"], "Point"],
      paint: {
        "circle-radius": 6.5 * scale,
        "circle-color": p.at,
        "circle-stroke-color": "#ffffff",
        "circle-stroke-width": 2.5 * scale,
      },
    },
  ];
}

export function buildStyle(look: Look): StyleSpecification {
  const p = palettes[look.theme];
  const style: StyleSpecification = { version: 8, sources: {}, layers: ground(p).slice(0, 1) };
  if (!look.tiles) return style;
  style.light = { anchor: "viewport", color: "#ffffff", intensity: look.theme === "dark" ? 0.25 : 0.35 };
  style.sources = {
    grids: {
      type: "vector",
      tiles: [look.tiles.template],
      minzoom: look.tiles.minzoom,
      maxzoom: look.tiles.maxzoom,
      ...(look.bounds ? { bounds: look.bounds } : {}),
    },
    at: { type: "geojson", data: atData(look.at) },
  };
  const divisionLine: LayerSpecification = {
    id: "division-line",
    type: "line",
    source: "grids",
    "source-layer": "divisions",
    layout: { "line-join": "round" },
    paint: {
      "line-color": p.division,
      "line-width": ["interpolate", ["linear"], ["zoom"], 8, 1, 14, 2.6 * look.scale],
      "line-dasharray": [5, 2, 1, 2],
    },
  };
  const [flat, ...solid] = houses(p, look);
  style.layers = [
    ...ground(p),
    ...fills(p, look),
    ...water(p),
    ...roadLayers(p),
    ...(flat ? [flat] : []),
    ...borders(p, look),
    divisionLine,
    ...selection(p, look),
    ...solid,
    ...labels(p, look),
    ...pin(p, look.scale),
  ];
  return style;
}
