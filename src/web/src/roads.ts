/** Lines on the ground: roads with casing, paths, railways, waterways, walls. */
import type { ExpressionSpecification, LayerSpecification } from "maplibre-gl";

import type { Palette } from "./palette";

/** Width in pixels at zooms 10, 14 and 18, and the zoom from which the class is drawn. */
const ROADS: Record<string, [number, number, number, number]> = {
  motorway: [1.8, 5.5, 28, 5],
  trunk: [1.5, 4.8, 25, 6],
  primary: [1.2, 4.2, 22, 8],
  secondary: [0.9, 3.4, 19, 9],
  tertiary: [0.5, 2.8, 16, 10.5],
  residential: [0.2, 1.8, 12, 12],
  service: [0, 1.1, 7, 13.5],
};
const CLASSES = Object.keys(ROADS);
const STOPS = [10, 14, 18];

function width(extra: number, factor = 1): ExpressionSpecification {
  const stops = STOPS.flatMap((z, k) => {
    const pairs = CLASSES.flatMap((c) => {
      const w = (ROADS[c]?.[k] ?? 0) * factor;
      return [c, w > 0 ? w + extra * (0.5 + k * 0.4) : 0];
    });
    return [z, ["match", ["get", "class"], ...pairs, 0]];
  });
  return ["interpolate", ["exponential", 1.6], ["zoom"], ...stops] as unknown as ExpressionSpecification;
}

function colour(of: Record<string, string>): ExpressionSpecification {
  const pairs = Object.entries(of).filter(([c]) => c !== "other").flat();
  return ["match", ["get", "class"], ...pairs, of["other"] ?? "#fff"] as unknown as ExpressionSpecification;
}

/* A tunnel is not on the ground. */
const seen: ExpressionSpecification = ["case", ["==", ["get", "tunnel"], true], 0.35, 1];

/** Greater roads lie over lesser ones. */
const order = ["match", ["get", "class"], ...CLASSES.flatMap((c, i) => [c, CLASSES.length - i]), 0] as
  unknown as ExpressionSpecification;

const drawn = [
  "step",
  ["zoom"],
  false,
  ...[...new Set(CLASSES.map((c) => ROADS[c]?.[3] ?? 0))]
    .sort((a, b) => a - b)
    .flatMap((z) => [z, ["match", ["get", "class"], CLASSES.filter((c) => (ROADS[c]?.[3] ?? 0) <= z), true, false]]),
];

const only = (...classes: string[]): ExpressionSpecification =>
  ["match", ["get", "class"], classes, true, false] as unknown as ExpressionSpecification;

export function roadLayers(p: Palette): LayerSpecification[] {
  const line = { type: "line", source: "grids", "source-layer": "barriers" } as const;
  const round = { "line-cap": "round", "line-join": "round" } as const;
  const strong = Object.fromEntries(["motorway", "trunk", "primary"].map((c) => [c, p.casingStrong]));
  return [
    {
      ...line,
      id: "waterway",
      filter: only("river", "stream"),
      layout: round,
      paint: {
        "line-color": p.waterLine,
        "line-width": [
          "interpolate",
          ["exponential", 1.5],
          ["zoom"],
          9,
          ["match", ["get", "class"], "river", 1.2, 0.2],
          14,
          ["match", ["get", "class"], "river", 3.5, 1.2],
          18,
          ["match", ["get", "class"], "river", 12, 4],
        ],
      },
    },
    {
      ...line,
      id: "track",
      minzoom: 13,
      filter: only("track", "path"),
      layout: { "line-join": "round" },
      paint: {
        "line-color": p.path,
        "line-width": ["interpolate", ["linear"], ["zoom"], 13, 0.6, 18, 2.2],
        "line-dasharray": [3, 2],
      },
    },
    {
      ...line,
      id: "road-casing",
      filter: drawn as never,
      layout: { ...round, "line-sort-key": order },
      paint: { "line-color": colour({ ...strong, other: p.casing }), "line-width": width(1.8), "line-opacity": seen },
    },
    {
      ...line,
      id: "road",
      filter: drawn as never,
      layout: { ...round, "line-sort-key": order },
      paint: { "line-color": colour(p.roads), "line-width": width(0), "line-opacity": seen },
    },
    {
      ...line,
      id: "rail",
      minzoom: 9,
      filter: only("rail"),
      paint: {
        "line-color": p.rail,
        "line-width": ["interpolate", ["linear"], ["zoom"], 9, 1, 14, 2.6, 18, 5],
      },
    },
    {
      ...line,
      id: "rail-gap",
      minzoom: 11,
      filter: only("rail"),
      paint: {
        "line-color": p.railGap,
        "line-width": ["interpolate", ["linear"], ["zoom"], 11, 0.6, 14, 1.4, 18, 3],
        "line-dasharray": [4, 4],
      },
    },
    {
      ...line,
      id: "wall",
      minzoom: 15,
      filter: only("wall"),
      paint: {
        "line-color": p.wall,
        "line-width": ["interpolate", ["linear"], ["zoom"], 15, 1, 18, 2.4],
        "line-dasharray": [1.5, 0.8],
      },
    },
  ];
}
