// Builds what pages load into build/front: styles, script, font, icons and the notices of their authors.
// The site works without this build: it then serves the plain style sheet and no script.

import { createHash } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import subsetFont from "subset-font";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const sources = join(root, "src/maillage/web/static/maillage");
const packages = join(root, "node_modules");
const fresh = join(root, "build/front.new");
const output = join(fresh, "maillage");
const browsers = ["chrome115", "firefox115", "safari16.4"];

const SCRIPTS = [
  "app.js",
  "diagnosis.js",
  "door.js",
  "door-leave.js",
  "door-scan.js",
  "door-worker.js",
  "map.js",
  "map-tiles.js",
  "passkey.js",
];
const STYLES = { "app.css": "src/maillage/web/static/maillage/app.css", "map.css": "frontend/css/map.css" };
const FILES = [...Object.keys(STYLES), ...SCRIPTS, "bricolage.woff2", "icons.svg"];
const FONT = "@fontsource-variable/bricolage-grotesque";
// French, the languages of France, and the marks that pages use: each kilobyte is paid on a first visit.
const LETTERS =
  " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[]_abcdefghijklmnopqrstuvwxyz|" +
  "ÀÂÄÆÇÈÉÊËÎÏÔÖŒÙÛÜŸàâäæçèéêëîïôöœùûüÿáíóúñ" +
  "«»’…–—·•°²€½×−\u00a0\u202f←→↑↓✓";

async function font() {
  const original = await readFile(join(packages, FONT, "files/bricolage-grotesque-latin-wght-normal.woff2"));
  return subsetFont(original, LETTERS, {
    targetFormat: "woff2",
    variationAxes: { wght: { min: 400, max: 800 } },
  });
}

async function bundle(entry, options) {
  const result = await build({
    entryPoints: [entry],
    bundle: true,
    minify: true,
    target: browsers,
    metafile: true,
    legalComments: "none",
    logLevel: "warning",
    ...options,
  });
  return Object.keys(result.metafile.inputs)
    .filter((path) => path.includes("node_modules/"))
    .map((path) => path.split("node_modules/").at(-1).match(/^(@[^/]+\/[^/]+|[^/]+)/)[0]);
}

async function icons() {
  const own = await readFile(join(sources, "icons.svg"), "utf8").catch(
    () =>
      '<svg xmlns="http://www.w3.org/2000/svg" fill="none" stroke="currentColor" stroke-width="2"' +
      ' stroke-linecap="round" stroke-linejoin="round">\n</svg>\n',
  );
  const names = JSON.parse(await readFile(join(root, "frontend/icons.json"), "utf8"));
  const symbols = [];
  for (const name of names.filter((name) => !own.includes(`id="${name}"`))) {
    const drawing = await readFile(join(packages, "lucide-static/icons", `${name}.svg`), "utf8");
    const inside = drawing.slice(drawing.indexOf(">", drawing.indexOf("<svg")) + 1, drawing.indexOf("</svg>"));
    symbols.push(`<symbol id="${name}" viewBox="0 0 24 24">${inside.replaceAll(/\s+/g, " ").trim()}</symbol>\n`);
  }
  await writeFile(join(output, "icons.svg"), own.replace("</svg>", `${symbols.join("")}</svg>`));
  return symbols.length ? ["lucide-static"] : [];
}

async function notices(names) {
  const parts = [];
  for (const name of [...new Set(names)].sort()) {
    const folder = join(packages, name);
    const facts = JSON.parse(await readFile(join(folder, "package.json"), "utf8"));
    const file = ["LICENSE", "LICENSE.md", "LICENSE.txt"].map((file) => join(folder, file)).find(existsSync);
    const text = file ? await readFile(file, "utf8") : "";
    parts.push({ name, version: facts.version, licence: facts.license, text });
  }
  const files = {};
  for (const file of FILES) {
    const content = await readFile(join(output, file));
    files[file] = { bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") };
  }
  await writeFile(join(output, "third-party.json"), `${JSON.stringify({ parts, files }, null, 1)}\n`);
  return files;
}

await rm(fresh, { recursive: true, force: true });
await mkdir(output, { recursive: true });
await writeFile(join(output, "bricolage.woff2"), await font());
const used = [FONT, ...(await icons())];
for (const [file, source] of Object.entries(STYLES))
  used.push(...(await bundle(join(root, source), { outfile: join(output, file), external: ["*.woff2", "*.png"] })));
for (const file of SCRIPTS)
  used.push(...(await bundle(join(root, "frontend/js", file), { outfile: join(output, file), format: "esm" })));
const files = await notices(used);
await rm(join(root, "build/front"), { recursive: true, force: true });
await rename(fresh, join(root, "build/front"));
for (const [name, { bytes }] of Object.entries(files)) {
  console.log(`${relative(root, join(root, "build/front/maillage", name))}  ${(bytes / 1000).toFixed(1)} kB`);
}
