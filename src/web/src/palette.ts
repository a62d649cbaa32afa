/** Two calm sets of colours; the legend and the map take the same ones. */

export interface Palette {
  background: string;
  land: string;
  open: string;
  plotLine: string;
  water: string;
  waterLine: string;
  building: string;
  buildingLow: string;
  buildingLine: string;
  roads: Record<string, string>;
  casing: string;
  casingStrong: string;
  path: string;
  rail: string;
  railGap: string;
  wall: string;
  division: string;
  /** Borders of the levels, coarsest first; a finer level than listed takes the last. */
  borders: string[];
  borderHalo: string;
  shades: string[];
  /** The same hues for bodies: a roof is a large plain face. */
  solids: string[];
  shadeOpacity: number;
  selected: string;
  at: string;
  text: string;
  textSoft: string;
  halo: string;
}

const light: Palette = {
  background: "#e4e9ea",
  land: "#f5f3ed",
  open: "#ebf0e0",
  plotLine: "#d9d3c7",
  water: "#b5d5e6",
  waterLine: "#98c3da",
  building: "#d6cfc4",
  buildingLow: "#e3ded6",
  buildingLine: "#b9b0a2",
  roads: {
    motorway: "#f0a974",
    trunk: "#f4c08a",
    primary: "#f8d79a",
    secondary: "#fbecb9",
    other: "#ffffff",
  },
  casing: "#cdc7bc",
  casingStrong: "#c79a66",
  path: "#b3a58f",
  rail: "#8d8b8a",
  railGap: "#f7f6f3",
  wall: "#8f7f72",
  division: "#5f4b78",
  borders: ["#6d2f66", "#94518a", "#b07fa6"],
  borderHalo: "#fffffb",
  shades: ["#5f9fc6", "#e39b52", "#6fb583", "#c77fb2", "#d9bd4a", "#8088c9", "#dd7f70", "#5cb3a8"],
  solids: ["#a6c5d6", "#ebc39a", "#aed1b3", "#dcb5cc", "#e5d596", "#b7b9d8", "#e8b5aa", "#a4d0c7"],
  shadeOpacity: 0.26,
  selected: "#d6401f",
  at: "#1765c1",
  text: "#33303a",
  textSoft: "#6b6672",
  halo: "#fffefa",
};

const dark: Palette = {
  background: "#0d1217",
  land: "#161d24",
  open: "#172420",
  plotLine: "#26303a",
  water: "#12304a",
  waterLine: "#1f4a6b",
  building: "#34414e",
  buildingLow: "#28333d",
  buildingLine: "#465564",
  roads: {
    motorway: "#9a6d43",
    trunk: "#836546",
    primary: "#6c5d47",
    secondary: "#55524a",
    other: "#3d4751",
  },
  casing: "#0b1015",
  casingStrong: "#0b1015",
  path: "#5a5f5f",
  rail: "#66707a",
  railGap: "#1b232b",
  wall: "#7d7268",
  division: "#b9a0dd",
  borders: ["#e79bdc", "#c583bd", "#96688f"],
  borderHalo: "#0d1217",
  shades: ["#4f9fd0", "#d98f45", "#55b077", "#c86fae", "#cdb03e", "#7480d6", "#d86d5c", "#3fae9f"],
  solids: ["#3f7294", "#906943", "#437c60", "#865680", "#897c3f", "#556097", "#8f5550", "#367b77"],
  shadeOpacity: 0.24,
  selected: "#ff8a4c",
  at: "#63b0ff",
  text: "#e6ebf0",
  textSoft: "#a5b0ba",
  halo: "#0d1217",
};

export type Theme = "light" | "dark";
export const palettes: Record<Theme, Palette> = { light, dark };

export const borderColour = (p: Palette, level: number): string =>
  p.borders[Math.min(level, p.borders.length - 1)] ?? "#000000";

/** Widths in pixels: the coarser the level, the stronger its border. */
export const borderWidth = (level: number, levels: number): number =>
  Math.max(1, 3.2 - level * (2.2 / Math.max(1, levels - 1)));
