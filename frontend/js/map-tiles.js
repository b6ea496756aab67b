import { PMTiles } from "pmtiles";

// Pictures are drawn on canvases: the page's policy allows no image from a blob.
export async function layer(GridLayer, address) {
  const archive = new PMTiles(address);
  const { minZoom, maxZoom } = await archive.getHeader();
  const Tiles = GridLayer.extend({
    createTile(at, done) {
      const tile = document.createElement("canvas"), size = this.getTileSize();
      [tile.width, tile.height] = [size.x, size.y];
      archive
        .getZxy(at.z, at.x, at.y)
        .then(async (found) => {
          if (found) tile.getContext("2d").drawImage(await createImageBitmap(new Blob([found.data])), 0, 0, size.x, size.y);
          done(null, tile);
        })
        .catch((error) => done(error, tile));
      return tile;
    },
  });
  return new Tiles({ minNativeZoom: minZoom, maxNativeZoom: maxZoom });
}
