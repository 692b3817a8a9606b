/**
 * What the tree page does in the browser: shows a node's texts when it is chosen by mouse or keyboard. The texts wait
 * as JSON, one element a node, and become page content only then.
 */
export const TREE_PAGE_SCRIPT = `
(function () {
  'use strict';
  const tree = document.getElementById('tree');
  const panel = document.getElementById('details');
  if (tree === null) return;
  const nodes = Array.from(tree.querySelectorAll('.node'));
  let chosen = null;

  function element(name, text, className) {
    const made = document.createElement(name);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  }

  function section(title, text, className) {
    if (text === null || text === '') return [];
    const block = element('pre', text, className);
    block.tabIndex = 0;
    block.setAttribute('aria-label', title);
    return [element('h3', title), block];
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

  function choose(node) {
    if (chosen !== null) chosen.setAttribute('aria-selected', 'false');
    chosen = node;
    node.setAttribute('aria-selected', 'true');
    const details = JSON.parse(document.getElementById('texts-' + node.dataset.id).textContent);
    panel.replaceChildren(
      element('h2', details.title),
      factsTable(details.facts),
      ...section('Plan', details.plan, 'words'),
      ...section('Review', details.review, 'words'),
      ...section('Code', details.code, ''),
      ...section('Output', details.output, ''),
    );
    panel.scrollTop = 0;
  }

  function moveFocus(node) {
    if (!node) return;
    for (const other of nodes) if (other.tabIndex === 0) other.tabIndex = -1;
    node.tabIndex = 0;
    node.focus();
  }

  function neighbour(node, key) {
    const index = nodes.indexOf(node);
    if (key === 'ArrowDown') return nodes[index + 1];
    if (key === 'ArrowUp') return nodes[index - 1];
    if (key === 'ArrowLeft') return document.getElementById('node-' + node.dataset.parent);
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

  const first = nodes.find((node) => node.tabIndex === 0);
  if (first !== undefined) {
    choose(first);
    first.scrollIntoView({ block: 'center', inline: 'center' });
  }
})();
`;
