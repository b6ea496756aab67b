// The forms of `/carte/fond/` and `/carte/lieux/`, read into what drawing needs.

// Lines come as their first point, then the steps from point to point, in one flat list.
export function trace(line, path, closed) {
  let x = line[0], y = line[1];
  path.moveTo(x, y);
  for (let i = 2; i < line.length; i += 2) path.lineTo((x += line[i]), (y += line[i + 1]));
  if (closed) path.closePath();
}

export function points(line) {
  const found = [];
  let x = 0, y = 0;
  for (let i = 0; i < line.length; i += 2) found.push([(x += line[i]), (y += line[i + 1])]);
  return found;
}

// Units of a tile are eighths of a pixel from its corner.
export function nodes(tile, tx, ty, size) {
  const px = (x) => tx * size + x / 8, py = (y) => ty * size + y / 8;
  const groups = tile.groups.map(([x, y, count, vague, left, top, right, bottom]) => ({
    key: `${tx}/${ty}/${x}/${y}/${count}/${vague}`, at: [px(x), py(y)], count, vague, members: null,
    low: [px(left), py(top)], high: [px(right), py(bottom)],
  }));
  const spots = tile.spots.map(([x, y, count, vague, ...members]) => ({
    key: `${tx}/${ty}/${x}/${y}/${members.map((one) => one[0])}`, at: [px(x), py(y)], count, vague,
    low: [px(x), py(y)], high: [px(x), py(y)],
    members: members.map(([slug, name, city, status, category, unsure]) => ({ slug, name, city, status, category, unsure })),
  }));
  return [...groups, ...spots];
}
