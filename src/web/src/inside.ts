/** A point inside a polygon, for clicks on the drawn body of a building. */

type Ring = readonly (readonly number[])[];

function crossings(rings: readonly Ring[], y: number): number[] {
  const xs: number[] = [];
  for (const r of rings) {
    for (let i = 0; i + 1 < r.length; i++) {
      const [ax = 0, ay = 0] = r[i] ?? [];
      const [bx = 0, by = 0] = r[i + 1] ?? [];
      if (ay > y !== by > y) xs.push(ax + ((y - ay) / (by - ay)) * (bx - ax));
    }
  }
  return xs.sort((a, b) => a - b);
}

/** The middle of the widest stretch inside along the middle parallel; null for an empty polygon. */
export function insidePoint(geometry: GeoJSON.Geometry): { lng: number; lat: number } | null {
  const polygons =
    geometry.type === "Polygon"
      ? [geometry.coordinates]
      : geometry.type === "MultiPolygon"
        ? geometry.coordinates
        : [];
  let best: { lng: number; lat: number } | null = null;
  let widest = 0;
  for (const rings of polygons) {
    const ys = (rings[0] ?? []).map((p) => p[1] ?? 0);
    const lat = (Math.min(...ys) + Math.max(...ys)) / 2;
    const xs = crossings(rings, lat);
    for (let i = 0; i + 1 < xs.length; i += 2) {
      const [a = 0, b = 0] = [xs[i], xs[i + 1]];
      if (b - a > widest) {
        widest = b - a;
        best = { lng: (a + b) / 2, lat };
      }
    }
  }
  return best;
}
