/** The part of the page's script that finds nodes, goes from match to match and sizes the drawing. */
export const TREE_PAGE_FILTERS = `
  const known = new Map(index.nodes.map((row) => [String(row.id), row]));
  const form = document.getElementById('filters');
  const field = (id) => document.getElementById(id);
  let matching = nodes;

  function numberOf(id) {
    const text = field(id).value.trim().replace(',', '.');
    const value = Number(text);
    const isWrong = text !== '' && !Number.isFinite(value);
    field(id).setAttribute('aria-invalid', String(isWrong));
    return text === '' || isWrong ? null : value;
  }

  function hasState(node, row, state) {
    if (state === '') return true;
    if (state === 'pruned') return row.p === 1;
    if (state === 'doubted') return node.querySelector('.doubt') !== null;
    if (state === 'best-path') return node.classList.contains('on-best-path');
    return row.s === state;
  }

  function filter() {
    const words = field('find').value.toLowerCase().split(/\\s+/).filter((word) => word !== '');
    const state = field('state').value;
    const operator = field('operator').value;
    const least = numberOf('least');
    const most = numberOf('most');
    const isFiltered = words.length > 0 || state !== '' || operator !== '' || least !== null || most !== null;
    const text = words.join(' ');
    const isNode = /^(node )?\\d+$/.test(text);
    matching = nodes.filter((node) => {
      const row = known.get(node.dataset.id);
      const isFound = isNode ? String(row.id) === text.replace('node ', '') : words.every((word) => row.t.includes(word));
      const isInRange =
        (least === null && most === null) ||
        (row.y !== null && (least === null || row.y >= least) && (most === null || row.y <= most));
      return isFound && isInRange && hasState(node, row, state) && (operator === '' || row.o === operator);
    });
    const matches = new Set(matching);
    tree.classList.toggle('filtered', isFiltered);
    for (const node of nodes) node.classList.toggle('match', isFiltered && matches.has(node));
    field('matches').textContent = isFiltered ? matching.length + ' of ' + nodes.length : nodes.length + ' nodes';
  }

  /** From the chosen node on, round the end. */
  function goToMatch(step) {
    if (matching.length === 0) return;
    const from = chosen === null ? -1 : places.get(chosen);
    const later = matching.findIndex((node) => places.get(node) > from);
    const earlier = matching.findLastIndex((node) => places.get(node) < from);
    if (step > 0) goTo(matching[later === -1 ? 0 : later]);
    else goTo(matching[earlier === -1 ? matching.length - 1 : earlier]);
  }

  const [x, y, width, height] = tree.getAttribute('viewBox').split(' ').map(Number);
  let scale = 1;
  function resize(wanted) {
    const canvas = field('canvas');
    const middle = [
      (canvas.scrollLeft + canvas.clientWidth / 2) / scale,
      (canvas.scrollTop + canvas.clientHeight / 2) / scale,
    ];
    scale = Math.min(2, Math.max(0.05, wanted));
    tree.setAttribute('width', width * scale);
    tree.setAttribute('height', height * scale);
    canvas.scrollTo(middle[0] * scale - canvas.clientWidth / 2, middle[1] * scale - canvas.clientHeight / 2);
  }
  function room() {
    const canvas = field('canvas');
    return { wide: (canvas.clientWidth - 20) / width, high: (canvas.clientHeight - 20) / height };
  }
  function fit() {
    const { wide, high } = room();
    resize(Math.min(1, wide, high));
  }

  /** Smaller than this nobody can read the labels. */
  const READABLE = 0.6;

  /** The whole tree where it can be read so, else its whole width, else as it is; what does not fit is left around the node. */
  function openAt(node) {
    const { wide, high } = room();
    const scales = [Math.min(wide, high), wide].map((wanted) => Math.min(1, wanted));
    resize(scales.find((wanted) => wanted >= READABLE) || 1);
    const canvas = field('canvas');
    const box = node.getBoundingClientRect();
    const frame = canvas.getBoundingClientRect();
    canvas.scrollBy(box.left - frame.left - frame.width / 3, box.top - frame.top - frame.height / 2);
  }

  form.addEventListener('input', filter);
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    goToMatch(1);
  });
  form.addEventListener('reset', () => setTimeout(filter));
  field('next').addEventListener('click', () => goToMatch(1));
  field('previous').addEventListener('click', () => goToMatch(-1));
  field('to-best').addEventListener('click', () => goTo(nodeOf(index.best)));
  field('smaller').addEventListener('click', () => resize(scale / 1.4));
  field('larger').addEventListener('click', () => resize(scale * 1.4));
  field('fit').addEventListener('click', fit);
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'Escape') {
      form.reset();
      filter();
      if (chosen !== null) chosen.focus();
      return;
    }
    if (/^(INPUT|SELECT|TEXTAREA)$/.test(event.target.tagName)) return;
    if (event.key === '/') field('find').focus();
    else if (event.key === 'n') goToMatch(1);
    else if (event.key === 'p') goToMatch(-1);
    else if (event.key === 'b') goTo(nodeOf(index.best));
    else if (event.key === '+') resize(scale * 1.4);
    else if (event.key === '-') resize(scale / 1.4);
    else if (event.key === '0') fit();
    else return;
    event.preventDefault();
  });
  filter();
`;
