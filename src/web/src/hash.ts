/** The part of the address after '#': view and selection, so that a link shows what its sender saw. */

export interface View {
  zoom: number;
  lat: number;
  lon: number;
  bearing: number;
  pitch: number;
}

export interface AtPoint {
  kind: "at";
  lon: number;
  lat: number;
  crs?: string;
  accuracy?: number;
  floor?: number;
}

export type Selection = AtPoint | { kind: "grid"; code: string };

const round = (n: number, digits: number): string => String(Number(n.toFixed(digits)));

export function writeHash(view: View, selection: Selection | null, level: string): string {
  const digits = Math.max(2, Math.ceil(view.zoom / 3) + 1);
  let s = `#${round(view.zoom, 2)}/${round(view.lat, digits)}/${round(view.lon, digits)}`;
  s += `/${round(view.bearing, 1)}/${round(view.pitch, 1)}`;
  if (level !== "auto") s += `&level=${encodeURIComponent(level)}`;
  if (selection?.kind === "grid") s += `&grid=${encodeURIComponent(selection.code)}`;
  if (selection?.kind === "at") {
    s += `&at=${round(selection.lon, 7)},${round(selection.lat, 7)}`;
    if (selection.crs) s += `&crs=${encodeURIComponent(selection.crs)}`;
    if (selection.accuracy) s += `&accuracy=${round(selection.accuracy, 2)}`;
    if (selection.floor !== undefined) s += `&floor=${selection.floor}`;
  }
  return s;
}

function finite(...values: (number | undefined)[]): boolean {
  return values.every((v) => v !== undefined && Number.isFinite(v));
}

function readSelection(q: URLSearchParams): Selection | null {
  const code = q.get("grid");
  if (code) return { kind: "grid", code };
  const [lon, lat] = (q.get("at") ?? "").split(",").map(parseFloat);
  if (!finite(lon, lat)) return null;
  const at: AtPoint = { kind: "at", lon: lon as number, lat: lat as number };
  const crs = q.get("crs");
  const accuracy = parseFloat(q.get("accuracy") ?? "");
  const floor = parseInt(q.get("floor") ?? "", 10);
  if (crs) at.crs = crs;
  if (accuracy > 0) at.accuracy = accuracy;
  if (Number.isFinite(floor)) at.floor = floor;
  return at;
}

export function readHash(hash: string): {
  view: View | null;
  selection: Selection | null;
  level: string;
} {
  const [path = "", ...rest] = hash.replace(/^#/, "").split("&");
  const q = new URLSearchParams(rest.join("&"));
  const [zoom, lat, lon, bearing = 0, pitch = 0] = path.split("/").map(parseFloat);
  const ok = finite(zoom, lat, lon, bearing, pitch) && Math.abs(lat as number) <= 90;
  const view = ok
    ? {
        zoom: zoom as number,
        lat: lat as number,
        lon: lon as number,
        bearing,
        pitch: Math.min(70, Math.max(0, pitch)),
      }
    : null;
  return { view, selection: readSelection(q), level: q.get("level") ?? "auto" };
}

/**
 * A coordinate as people type it: two numbers with a comma, a space or a Chinese comma between, with
 * or without degree signs and letters. Longitude first; when the first cannot be a latitude's partner
 * (it is below 90 and the second is not) they were given the other way round.
 */
export function parseCoordinate(text: string): { lon: number; lat: number } | null {
  const m = /^\s*[EW东经西]*\s*(-?\d{1,3}(?:\.\d+)?)\s*°?\s*[EWNS]?\s*(?:[,，;；、]|\s)\s*[NS北南纬]*\s*(-?\d{1,3}(?:\.\d+)?)\s*°?\s*[EWNS]?\s*$/i.exec(
    text,
  );
  if (!m) return null;
  const [a, b] = [Number(m[1]), Number(m[2])];
  if (Math.abs(a) <= 90 && Math.abs(b) > 90 && Math.abs(b) <= 180) return { lon: b, lat: a };
  return { lon: a, lat: b };
}
