/** What the server says, and the only place that asks it. */

export interface Level {
  key: string;
  name: string;
}

export interface TileJson {
  name?: string;
  attribution?: string;
  bounds?: [number, number, number, number];
  minzoom?: number;
  maxzoom?: number;
  tiles: string[];
  revision?: number;
  effective?: string;
  levels?: Level[];
  vector_layers?: { id: string; minzoom?: number; maxzoom?: number }[];
}

export interface Named {
  code: string;
  name: string;
}

export interface Candidate extends Named {
  probability: number;
  distance_m: number;
}

export interface Answer {
  location: { lon: number; lat: number };
  rule: string;
  on_boundary: boolean;
  other_side?: Partial<Named> | null;
  accuracy_m?: number;
  same_answer_within_m?: number | null;
  certain_to?: string | null;
  revision?: number;
  effective?: string;
  division?: Named | null;
  levels: Record<string, (Named & { probability?: number }) | null>;
  candidates: Candidate[];
  building?: { building_id?: string; name?: string; floors?: number; households?: number } | null;
  plot?: { plot_id?: number | string; kind?: string; households?: number; area_m2?: number } | null;
}

export interface Child extends Named {
  households?: number;
}

export interface Grid extends Named {
  level: string;
  level_name?: string;
  households?: number;
  buildings?: number;
  area_m2?: number;
  floor_min?: number | null;
  floor_max?: number | null;
  kind?: string;
  children?: Child[];
  parents?: (Named & { level: string })[];
  bbox?: [number, number, number, number];
  label?: [number, number];
}

export interface Hit {
  kind: string;
  text: string;
  lon: number;
  lat: number;
  code?: string;
}

export interface Place {
  lon: number;
  lat: number;
  crs?: string;
  accuracy?: number;
  floor?: number;
}

/** A refusal of the server, with its own words. */
export class Refused extends Error {
  constructor(
    readonly status: number,
    detail: string,
  ) {
    super(detail);
  }
}

/** The server did not answer at all. */
export class Away extends Error {}

async function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  let reply: Response;
  try {
    reply = await fetch(new URL(path, document.baseURI), {
      headers: { accept: "application/json" },
      ...(signal ? { signal } : {}),
    });
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new Away(path, { cause });
  }
  const body: unknown = await reply.json().catch(() => null);
  if (!reply.ok) {
    const problem = (body ?? {}) as { detail?: unknown; title?: unknown };
    if (reply.status >= 502 && reply.status <= 504) throw new Away(path);
    throw new Refused(reply.status, String(problem.detail ?? problem.title ?? reply.status));
  }
  if (body === null) throw new Refused(reply.status, "JSON");
  return body as T;
}

function query(fields: Record<string, string | number | undefined>): string {
  const q = new URLSearchParams();
  for (const [k, v] of Object.entries(fields)) if (v !== undefined && v !== "") q.set(k, String(v));
  return q.toString();
}

export const tileJson = (): Promise<TileJson> => get<TileJson>("tiles.json");

export const locate = (at: Place, signal?: AbortSignal): Promise<Answer> =>
  get<Answer>(`locate?${query({ ...at })}`, signal);

export const grid = (code: string, signal?: AbortSignal): Promise<Grid> =>
  get<Grid>(`grids/${encodeURIComponent(code)}`, signal);

export const search = async (q: string, signal?: AbortSignal): Promise<Hit[]> =>
  (await get<{ results?: Hit[] }>(`search?${query({ q })}`, signal)).results ?? [];

/**
 * The tile address of this page's own server. A TileJSON names an absolute address that may be wrong
 * behind a proxy; the page asks nobody but where it came from, so only the path below the tiles'
 * folder is taken from it.
 */
export function tileTemplate(t: TileJson): string {
  const given = t.tiles[0] ?? "";
  const at = given.indexOf("tiles/");
  return new URL(".", document.baseURI).href + (at < 0 ? given.replace(/^\/+/, "") : given.slice(at));
}
