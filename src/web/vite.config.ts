import { readFileSync } from "node:fs";
import { defineConfig, type Plugin } from "vite";

/** The licence of the one library that is shipped inside the page, as a file beside it. */
function licences(): Plugin {
  return {
    name: "xiwang-licences",
    apply: "build",
    generateBundle() {
      const source = readFileSync("node_modules/maplibre-gl/LICENSE.txt", "utf8");
      this.emitFile({ type: "asset", fileName: "licences.txt", source: `MapLibre GL JS\n\n${source}` });
    },
  };
}

export default defineConfig({
  base: "./", // the page also works below a path of a reverse proxy
  plugins: [licences()],
  publicDir: false,
  build: {
    outDir: "dist",
    emptyOutDir: true,
    target: "es2022",
    assetsInlineLimit: 0, // the page's policy allows no data: URLs but the pictures of the map's own CSS
    modulePreload: false,
    chunkSizeWarningLimit: 1500,
    rollupOptions: {
      output: {
        entryFileNames: "assets/[name]-[hash].js",
        chunkFileNames: "assets/[name]-[hash].js",
        assetFileNames: "assets/[name]-[hash][extname]",
      },
    },
  },
  worker: {
    format: "es",
    rollupOptions: { output: { entryFileNames: "assets/worker-[hash].js" } },
  },
});
