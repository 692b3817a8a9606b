/** The part of the page's script that draws the scores against the steps, with the best so far as a line. */
export const TREE_PAGE_CHART = `
  const chart = document.getElementById('chart');
  const CHART_HEIGHT = 170;
  const SIDE = { left: 64, right: 14, top: 10, bottom: 26 };
  const recorded = index.nodes.filter((row) => row.at > 0).sort((one, other) => one.at - other.at);
  const scored = recorded.filter((row) => row.y !== null);
  let chartPoints = [];

  function isBetter(one, other) {
    return index.maximize ? one > other : one < other;
  }

  function svg(name, attributes, text) {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text !== undefined) made.textContent = text;
    return made;
  }

  /** From the best score to all but the worst tenth: a few far-off scores would else press all others together. */
  function range() {
    const sorted = scored.map((row) => row.y).sort((one, other) => (isBetter(one, other) ? -1 : one === other ? 0 : 1));
    const best = sorted[0];
    const worst = sorted[Math.max(0, Math.ceil(sorted.length * 0.9) - 1)];
    const [low, high] = [Math.min(best, worst), Math.max(best, worst)];
    const room = high === low ? Math.abs(high) * 0.1 || 1 : (high - low) * 0.06;
    return [low - room, high + room];
  }

  function ticks(low, high, most) {
    const rough = (high - low) / most;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((times) => times * power).find((wanted) => wanted >= rough);
    const found = [];
    for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-9; at += step) found.push(Number(at.toPrecision(12)));
    return found;
  }

  function tickText(value) {
    return Math.abs(value) >= 1e6 || (value !== 0 && Math.abs(value) < 1e-4) ? value.toExponential(1) : String(value);
  }

  function drawChart() {
    const width = Math.max(240, chart.clientWidth);
    if (scored.length === 0) {
      chart.textContent = 'No node works.';
      return;
    }
    const [low, high] = range();
    const last = Math.max(2, recorded[recorded.length - 1].at);
    const innerWidth = width - SIDE.left - SIDE.right;
    const innerHeight = CHART_HEIGHT - SIDE.top - SIDE.bottom;
    const xOf = (step) => SIDE.left + ((step - 1) / (last - 1)) * innerWidth;
    const yOf = (score) => SIDE.top + (1 - (Math.min(high, Math.max(low, score)) - low) / (high - low)) * innerHeight;
    const drawing = svg('svg', {
      width,
      height: CHART_HEIGHT,
      role: 'img',
      'aria-label': 'Scores by step, with the best so far; ' + scored.length + ' nodes have a score',
    });
    for (const value of ticks(low, high, 4)) {
      drawing.append(
        svg('path', { class: 'grid', d: 'M' + SIDE.left + ',' + yOf(value) + 'H' + (width - SIDE.right) }),
        svg('text', { class: 'tick', x: SIDE.left - 8, y: yOf(value) + 4, 'text-anchor': 'end' }, tickText(value)),
      );
    }
    for (const step of ticks(1, last, Math.max(2, Math.floor(innerWidth / 90))).filter(Number.isInteger)) {
      drawing.append(svg('text', { class: 'tick', x: xOf(step), y: CHART_HEIGHT - 8, 'text-anchor': 'middle' }, step));
    }
    drawing.append(svg('text', { class: 'tick', x: 4, y: 14 }, index.metric.length > 9 ? '' : index.metric));

    // One path for all points of a colour: thousands of points stay a handful of elements.
    const byColour = new Map();
    chartPoints = scored.map((row) => ({ row, x: xOf(row.at), y: yOf(row.y) }));
    for (const { row, x, y } of chartPoints) {
      const key = row.p === 1 ? 'pruned' : row.c;
      byColour.set(key, (byColour.get(key) || '') + 'M' + x.toFixed(1) + ',' + y.toFixed(1) + 'h0');
    }
    for (const [colour, d] of byColour) {
      drawing.append(
        colour === 'pruned' ? svg('path', { class: 'points pruned', d }) : svg('path', { class: 'points', stroke: colour, d }),
      );
    }

    let best = null;
    let line = '';
    for (const row of scored) {
      if (row.p === 1 || (best !== null && !isBetter(row.y, best))) continue;
      const from = best === null ? 'M' + xOf(row.at) + ',' + yOf(row.y) : 'H' + xOf(row.at) + 'V' + yOf(row.y);
      line += from;
      best = row.y;
    }
    drawing.append(svg('path', { class: 'best-line', d: line + 'H' + xOf(last) }));
    drawing.append(svg('circle', { id: 'chart-chosen', r: 7, cx: -20, cy: -20 }));
    chart.replaceChildren(drawing);
    markChosenInChart();
  }

  function markChosenInChart() {
    const mark = document.getElementById('chart-chosen');
    if (mark === null || chosen === null) return;
    const point = chartPoints.find(({ row }) => String(row.id) === chosen.dataset.id);
    mark.setAttribute('cx', point ? point.x : -20);
    mark.setAttribute('cy', point ? point.y : -20);
  }

  function nearest(event) {
    const frame = chart.getBoundingClientRect();
    const [left, top] = [event.clientX - frame.left, event.clientY - frame.top];
    let found = null;
    let least = 18 ** 2;
    for (const point of chartPoints) {
      const distance = (point.x - left) ** 2 + (point.y - top) ** 2;
      if (distance < least) [found, least] = [point, distance];
    }
    return found;
  }

  chart.addEventListener('click', (event) => {
    const point = nearest(event);
    if (point !== null) goTo(nodeOf(point.row.id));
  });
  chart.addEventListener('mousemove', (event) => {
    const point = nearest(event);
    chart.title = point === null ? '' : 'node ' + point.row.id + ': ' + point.row.y;
  });
  if (typeof ResizeObserver === 'function') new ResizeObserver(drawChart).observe(chart);
  else drawChart();
`;
