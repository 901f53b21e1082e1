// Puts a label beside each path where it touches no box and no other label; one that finds no place is told by hover and table.
const ALONG = [0.42, 0.5, 0.34, 0.6, 0.26, 0.7, 0.2, 0.78, 0.14, 0.86];
const HALF = 7.5, AIR = 3;

/** `wanted`: [{text, width, points, thick}] in order of importance; answers a box {x, y, width, height} or null for each. */
export function arranged(wanted, boxes) {
  const taken = boxes.map(({ x, y, width, height }) => ({ x: x - AIR, y: y - AIR, width: width + 2 * AIR, height: height + 2 * AIR }));
  return wanted.map((one) => {
    let best = null, least = Infinity;
    for (const [rank, along] of ALONG.entries()) {
      const [x, y] = at(one.points, along), [nx, ny] = normal(one.points, along);
      // beside the line, as near as the box allows: on the one side, then on the other
      const away = one.thick / 2 + 3 + (Math.abs(nx) * one.width) / 2 + Math.abs(ny) * HALF;
      for (const side of [1, -1]) {
        const box = { x: x + nx * away * side - one.width / 2, y: y + ny * away * side - HALF, width: one.width, height: 2 * HALF };
        if (box.x < 1 || box.y < 1 || taken.some((other) => meets(box, other))) continue;
        // a label that lies on a path is read as that path's
        const crossed = wanted.filter((other) => other.points.some((point) => holds(box, point))).length;
        const cost = crossed * 10 + rank * 0.5 + (side < 0 ? 2 : 0);
        if (cost < least) (least = cost), (best = box);
      }
    }
    if (best) taken.push({ x: best.x - 2, y: best.y, width: best.width + 4, height: best.height });
    return best;
  });
}

export const meets = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const holds = (box, [x, y]) => x > box.x - 2 && x < box.x + box.width + 2 && y > box.y && y < box.y + box.height;

/** The point at a share of the way along a line of points. */
export function at(points, share) {
  const lengths = points.slice(1).map((point, i) => Math.hypot(point[0] - points[i][0], point[1] - points[i][1]));
  let left = share * lengths.reduce((sum, one) => sum + one, 0);
  for (const [i, length] of lengths.entries()) {
    if (left <= length && length) {
      const t = left / length;
      return [points[i][0] + (points[i + 1][0] - points[i][0]) * t, points[i][1] + (points[i + 1][1] - points[i][1]) * t];
    }
    left -= length;
  }
  return points.at(-1);
}

/** The direction across the line at a share of its way: to the right of a line that goes down. */
function normal(points, share) {
  const [a, b] = [at(points, Math.max(0, share - 0.02)), at(points, Math.min(1, share + 0.02))];
  const size = Math.hypot(b[0] - a[0], b[1] - a[1]) || 1;
  return [(b[1] - a[1]) / size, -(b[0] - a[0]) / size];
}

/** A curve of Bezier pieces as a line of points, fine enough to measure and to travel on. */
export function line(bezier, steps = 12) {
  const points = [bezier[0]];
  for (let i = 1; i + 2 < bezier.length; i += 3) {
    const [a, b, c, d] = [points.at(-1), bezier[i], bezier[i + 1], bezier[i + 2]];
    for (let k = 1; k <= steps; k++) {
      const t = k / steps, u = 1 - t;
      points.push([0, 1].map((axis) => u ** 3 * a[axis] + 3 * u * u * t * b[axis] + 3 * u * t * t * c[axis] + t ** 3 * d[axis]));
    }
  }
  return points;
}
