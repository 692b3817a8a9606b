export { treeSearch } from './tree-search';
