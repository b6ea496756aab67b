// Clusters the points of stdin with supercluster: [[[lon, lat], …], …] in, one line of figures for each set out.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const found = createRequire(`${process.argv[2]}/package.json`).resolve("supercluster");
const { default: Supercluster } = await import(pathToFileURL(found));
const zoom = Number(process.argv[3]);

for (const points of JSON.parse(readFileSync(0, "utf8"))) {
  const features = points.map((at) => ({ type: "Feature", geometry: { type: "Point", coordinates: at } }));
  const runs = [];
  for (let run = 0; run < 7; run++) {
    const index = new Supercluster({ radius: 40, maxZoom: 16 });
    const start = performance.now();
    index.load(features);
    const loaded = performance.now();
    const clusters = index.getClusters([-180, -85, 180, 85], zoom);
    const total = clusters.reduce((sum, one) => sum + (one.properties?.point_count ?? 1), 0);
    runs.push({ load_ms: loaded - start, query_ms: performance.now() - loaded, clusters: clusters.length, total });
  }
  runs.sort((a, b) => a.load_ms - b.load_ms);
  console.log(JSON.stringify(runs[3]));
}
