/** The words of the page in two languages. Names of places and grids are data and stay as they are. */

const zh = {
  brand: "细网",
  subtitle: "数字乡村一张图",
  search: "地址、名称、编码或 经度,纬度",
  searchLabel: "搜索",
  options: "坐标系与精度",
  crs: "坐标系",
  accuracy: "精度（米）",
  goThere: "查询此坐标",
  noHits: "没有找到“{q}”",
  kind_address: "地址",
  kind_building: "建筑",
  kind_grid: "网格",
  kind_division: "行政区划",
  who: "谁负责这里",
  close: "关闭",
  back: "返回",
  households: "户数",
  hh: "{n} 户",
  buildings: "建筑",
  area: "面积",
  floors: "楼层",
  floorsN: "{n} 层",
  floorRange: "{a}–{b} 层",
  floorOne: "{a} 层",
  children: "下级{level}（{n}）",
  kind: "类型",
  kind_basic: "基础网格",
  kind_exclusive: "专属网格",
  kind_reserved: "预留网格",
  code: "编码",
  building: "建筑",
  unnamedBuilding: "未命名建筑",
  yard: "建筑周边地块",
  openLand: "空地",
  water: "水域",
  division: "行政区划",
  rule: "判定",
  rule_inside: "点在网格内",
  rule_boundary: "点在边界上，按半开规则归东侧（水平边归北侧）",
  rule_floor: "按楼层归队",
  rule_tower: "在楼栋内，未给楼层：各层各队都有可能",
  rule_outside: "此处不在任何网格内",
  certain: "确定到",
  certainNone: "精度不足，各级都不能确定",
  certainHow: "±{m} 米",
  certainExact: "按精确点",
  sameWithin: "{m} 米内答案不变",
  candidates: "可能的{level}",
  distance: "距 {m} 米",
  others: "其余共 {p}",
  boundary: "正好在边界上，另一侧是",
  boundaryOnly: "正好在边界上",
  chooseFloor: "选择楼层",
  floorAny: "不限",
  revision: "版本 {r}",
  revisionSince: "版本 {r} · {day} 起",
  outside: "不在网格内",
  level: "级别",
  levelAuto: "自动",
  view2d: "平面",
  view3d: "立体",
  theme: "明暗切换",
  lang: "English",
  langLabel: "Switch to English",
  home: "全图",
  locateMe: "定位到我",
  legend: "图例",
  legendGrids: "网格边界",
  legendRoads: "道路",
  legendRail: "铁路",
  legendWater: "水系",
  legendWall: "围墙",
  legendBuilding: "建筑",
  legendDivision: "行政界线",
  zoomIn: "放大后显示{level}",
  away: "服务器没有响应，稍后自动重试",
  refused: "服务器答复：{text}",
  noGeo: "无法取得您的位置：{text}",
  geoInsecure: "浏览器只在安全连接（https）下提供位置",
  badCoordinate: "不是有效的坐标：{text}",
  mapLabel: "地图：方向键移动，加减键缩放，回车查询中心点",
  webgl: "此浏览器不能绘制地图（需要 WebGL2）",
  "NavigationControl.ZoomIn": "放大",
  "NavigationControl.ZoomOut": "缩小",
  "NavigationControl.ResetBearing": "拖动旋转，点击回正北",
  "FullscreenControl.Enter": "全屏",
  "FullscreenControl.Exit": "退出全屏",
  "ScaleControl.Meters": "米",
  "ScaleControl.Kilometers": "公里",
};

export type Word = keyof typeof zh;

const en: Record<Word, string> = {
  brand: "Xiwang",
  subtitle: "One map of the grids",
  search: "Address, name, code or lon,lat",
  searchLabel: "Search",
  options: "Coordinate system and accuracy",
  crs: "System",
  accuracy: "Accuracy (m)",
  goThere: "Look up this coordinate",
  noHits: "Nothing found for “{q}”",
  kind_address: "Address",
  kind_building: "Building",
  kind_grid: "Grid",
  kind_division: "Division",
  who: "Who is responsible here",
  close: "Close",
  back: "Back",
  households: "Households",
  hh: "{n} hh",
  buildings: "Buildings",
  area: "Area",
  floors: "Floors",
  floorsN: "{n} floors",
  floorRange: "floors {a}–{b}",
  floorOne: "floor {a}",
  children: "{level} below ({n})",
  kind: "Kind",
  kind_basic: "basic",
  kind_exclusive: "exclusive",
  kind_reserved: "reserved",
  code: "Code",
  building: "Building",
  unnamedBuilding: "Unnamed building",
  yard: "Land around a building",
  openLand: "Open land",
  water: "Water",
  division: "Division",
  rule: "Decided by",
  rule_inside: "the point is inside the grid",
  rule_boundary: "on a border: the half-open rule gives it to the east (north along a horizontal border)",
  rule_floor: "the floor",
  rule_tower: "in a tower without a floor: every team of it is possible",
  rule_outside: "no grid here",
  certain: "Certain to",
  certainNone: "No level is certain at this accuracy",
  certainHow: "±{m} m",
  certainExact: "as an exact point",
  sameWithin: "same answer within {m} m",
  candidates: "Possible: {level}",
  distance: "{m} m away",
  others: "others together {p}",
  boundary: "Exactly on a border; the other side is",
  boundaryOnly: "Exactly on a border",
  chooseFloor: "Floor",
  floorAny: "any",
  revision: "revision {r}",
  revisionSince: "revision {r} since {day}",
  outside: "Outside all grids",
  level: "Level",
  levelAuto: "Auto",
  view2d: "2D",
  view3d: "3D",
  theme: "Light or dark",
  lang: "中文",
  langLabel: "切换到中文",
  home: "Whole map",
  locateMe: "Find me",
  legend: "Legend",
  legendGrids: "Grid borders",
  legendRoads: "Roads",
  legendRail: "Railway",
  legendWater: "Water",
  legendWall: "Wall",
  legendBuilding: "Buildings",
  legendDivision: "Division",
  zoomIn: "Zoom in to see {level}",
  away: "The server does not answer; trying again",
  refused: "The server says: {text}",
  noGeo: "Your position is not available: {text}",
  geoInsecure: "browsers give it to https pages only",
  badCoordinate: "Not a coordinate: {text}",
  mapLabel: "Map: arrow keys move, plus and minus zoom, Enter asks for the centre",
  webgl: "This browser cannot draw the map (WebGL2 is needed)",
  "NavigationControl.ZoomIn": "Zoom in",
  "NavigationControl.ZoomOut": "Zoom out",
  "NavigationControl.ResetBearing": "Drag to rotate, click for north",
  "FullscreenControl.Enter": "Full screen",
  "FullscreenControl.Exit": "Leave full screen",
  "ScaleControl.Meters": "m",
  "ScaleControl.Kilometers": "km",
};

const asked = new URLSearchParams(location.search).get("lang");
export const lang: "zh" | "en" = asked === "en" ? "en" : "zh";
const words = lang === "en" ? en : zh;

/** The word or sentence; {x} is replaced by the argument x. */
export function t(word: Word, args: Record<string, string | number> = {}): string {
  return words[word].replace(/\{(\w+)\}/g, (all, k: string) => String(args[k] ?? all));
}

/** The same for a word made from data (`kind_` + kind); the data itself when there is no such word. */
export function tOr(word: string, otherwise: string): string {
  return Object.hasOwn(words, word) ? words[word as Word] : otherwise;
}

/** The words of the map's own buttons. */
export function mapLocale(): Record<string, string> {
  return Object.fromEntries(Object.entries(words).filter(([k]) => k.includes(".")));
}

const number = new Intl.NumberFormat(lang === "en" ? "en" : "zh-Hans");
export const num = (n: number): string => number.format(n);

/** "版本 2 · 2026-03-01 起"; the day is the reader's. */
export function revisionText(r: { revision?: number; effective?: string }): string {
  if (r.revision === undefined) return "";
  const from = new Date(r.effective ?? NaN);
  if (Number.isNaN(from.getTime())) return t("revision", { r: r.revision });
  const two = (n: number): string => String(n).padStart(2, "0");
  const day = `${from.getFullYear()}-${two(from.getMonth() + 1)}-${two(from.getDate())}`;
  return t("revisionSince", { r: r.revision, day });
}

export function area(m2: number): string {
  if (m2 >= 1e6) return `${num(Math.round(m2 / 1e4) / 100)} km²`;
  return `${num(Math.round(m2))} m²`;
}

/** A level as it is called: the server's word, or the key in English. */
export function levelName(level: { key: string; name: string }): string {
  return lang === "en" ? level.key.charAt(0).toUpperCase() + level.key.slice(1) : level.name;
}

export function otherLanguage(): string {
  const url = new URL(location.href);
  url.searchParams.set("lang", lang === "en" ? "zh" : "en");
  return url.href;
}
