import { TREE_PAGE_CHART } from './tree-page-chart';
import { TREE_PAGE_FILTERS } from './tree-page-filters';

/**
 * What the tree page does in the browser: shows a node's texts when it is chosen by mouse or keyboard, finds nodes, and
 * draws the chart. The texts wait as JSON, one element a node, and become page content only then.
 */
export const TREE_PAGE_SCRIPT = `
(function () {
  'use strict';
  const tree = document.getElementById('tree');
  const panel = document.getElementById('details');
  if (tree === null) return;
  const index = JSON.parse(document.getElementById('index').textContent);
  const nodes = Array.from(tree.querySelectorAll('.node'));
  const places = new Map(nodes.map((node, place) => [node, place]));
  let chosen = null;

  function element(name, text, className) {
    const made = document.createElement(name);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function nodeOf(id) {
    return document.getElementById('node-' + id);
  }

  function block(text, title, className) {
    const made = element('pre', text, className);
    made.tabIndex = 0;
    made.setAttribute('aria-label', title);
    return made;
  }

  function section(title, text, className) {
    if (text === null || text === '') return [];
    return [element('h3', title), block(text, title, className)];
  }

  function diffSection(title, diff) {
    if (diff === null) return [];
    const made = block('', title, 'diff');
    for (const line of diff.split('\\n')) {
      const kind = line.startsWith('@@') ? 'place' : line.startsWith('+') ? 'came' : line.startsWith('-') ? 'went' : '';
      made.append(element('span', line + '\\n', kind));
    }
    return [element('h3', title), made];
  }

  function foldedSection(title, text, isOpen) {
    if (text === null || text === '') return [];
    const fold = document.createElement('details');
    fold.open = isOpen;
    fold.append(element('summary', title), block(text, title, ''));
    return [fold];
  }

  function factsTable(facts) {
    const table = element('table', '', 'facts-table');
    for (const [name, value] of facts) {
      const row = table.insertRow();
      const head = element('th', name);
      head.scope = 'row';
      row.append(head, element('td', value));
    }
    return table;
  }

  function neighbours(node) {
    const row = element('p', '', 'neighbours');
    const parent = nodeOf(node.dataset.parent);
    const children = nodes.filter((other) => other.dataset.parent === node.dataset.id);
    for (const [words, others] of [['parent', parent ? [parent] : []], ['children', children]]) {
      if (others.length === 0) continue;
      row.append(words + ' ');
      for (const other of others) {
        const button = element('button', other.dataset.id, '');
        button.type = 'button';
        button.setAttribute('aria-label', 'Show node ' + other.dataset.id);
        button.addEventListener('click', () => goTo(other));
        row.append(button, ' ');
      }
    }
    return row;
  }

  function choose(node) {
    if (chosen !== null) chosen.setAttribute('aria-selected', 'false');
    chosen = node;
    node.setAttribute('aria-selected', 'true');
    const details = JSON.parse(document.getElementById('texts-' + node.dataset.id).textContent);
    panel.replaceChildren(
      element('h2', details.title),
      factsTable(details.facts),
      neighbours(node),
      ...(details.leftOut ? [element('p', 'Its texts are left out of this large page: see "coppice show".', 'hint')] : []),
      ...section('Plan', details.plan, 'words'),
      ...section('Hints in force', details.hints, 'words'),
      ...section('Review', details.review, 'words'),
      ...diffSection('Difference to node ' + node.dataset.parent, details.diff),
      ...foldedSection('Code', details.code, details.diff === null),
      ...section('Output', details.output, 'output'),
    );
    panel.scrollTop = 0;
    const output = panel.querySelector('.output');
    if (output !== null) output.scrollTop = output.scrollHeight;
    markChosenInChart();
  }

  function moveFocus(node) {
    if (!node) return;
    for (const other of nodes) if (other.tabIndex === 0) other.tabIndex = -1;
    node.tabIndex = 0;
    node.focus();
  }

  function goTo(node) {
    if (!node) return;
    moveFocus(node);
    node.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    choose(node);
  }

  function neighbour(node, key) {
    const place = places.get(node);
    if (key === 'ArrowDown') return nodes[place + 1];
    if (key === 'ArrowUp') return nodes[place - 1];
    if (key === 'ArrowLeft') return nodeOf(node.dataset.parent);
    if (key === 'ArrowRight') return nodes.find((other) => other.dataset.parent === node.dataset.id);
    if (key === 'Home') return nodes[0];
    if (key === 'End') return nodes[nodes.length - 1];
    return undefined;
  }

  tree.addEventListener('click', (event) => {
    const node = event.target.closest('.node');
    if (node === null) return;
    moveFocus(node);
    choose(node);
  });
  tree.addEventListener('keydown', (event) => {
    const node = event.target.closest('.node');
    if (node === null || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.key === 'Enter' || event.key === ' ') choose(node);
    else if (/^(Arrow|Home$|End$)/.test(event.key)) moveFocus(neighbour(node, event.key));
    else return;
    event.preventDefault();
  });
${TREE_PAGE_FILTERS}
${TREE_PAGE_CHART}
  const first = nodes.find((node) => node.tabIndex === 0);
  if (first !== undefined) {
    choose(first);
    openAt(first);
  }
})();
`;
