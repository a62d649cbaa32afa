/** The page: one map, one card, one address bar that remembers both. */
import "maplibre-gl/dist/maplibre-gl.css";

import { App } from "./app";
import { byId, el } from "./dom";
import { lang, t } from "./i18n";
import { toast } from "./toast";

document.documentElement.lang = lang === "en" ? "en" : "zh-Hans";
document.title = t("brand");

if (document.createElement("canvas").getContext("webgl2")) {
  new App().start();
} else {
  byId("top").append(el("h1", {}, t("brand")));
  toast(t("webgl"), true);
}
