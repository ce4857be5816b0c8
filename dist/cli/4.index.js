const wn=4,xn=[4],vn={3004:((yn,R,c)=>{c.d(R,{renderHtml:()=>mn});var D=c(7598),u=c(9596),x=c(4545),O=c(3428);const B=`'use strict';(()=>{
function formatBytes(bytes) {
const units = [
'kB',
'MB',
'GB',
'TB'
];
const sign = bytes < 0 ? '−' : '';
let value = Math.abs(bytes);
if (value < 1000) return \`\${sign}\${value} B\`;
let unit = -1;
while((unit < 0 || value >= 999.95) && unit < units.length - 1){
value /= 1000;
unit++;
}
return \`\${sign}\${value.toFixed(1)} \${units[unit]}\`;
}
const signed = (bytes)=>bytes === 0 ? '±0' : \`\${bytes > 0 ? '+' : ''}\${formatBytes(bytes)}\`;
const percent = (part, whole)=>whole > 0 ? \`\${(part / whole * 100).toFixed(1)} %\` : '';
function item(name, before, after, { children = null, note = '', layer = -1 } = {}) {
const made = {
name,
note,
before,
after,
layer,
parent: null,
children
};
for (const child of children ?? [])child.parent = made;
return made;
}
function total(name, children) {
const sum = (side)=>children.reduce((all, child)=>all + child[side], 0);
return item(name, sum('before'), sum('after'), {
children
});
}
const childrenOf = (node)=>node && Array.isArray(node[2]) ? node[2] : undefined;
const layerOf = (node)=>node && typeof node[2] === 'number' ? node[2] : -1;
function mergeTrees(before, after, name = (after ?? before)?.[0] ?? '') {
const [was, is] = [
before?.[1] ?? 0,
after?.[1] ?? 0
];
const [from, to] = [
childrenOf(before),
childrenOf(after)
];
if (!from && !to) return item(name, was, is, {
layer: layerOf(after)
});
const old = new Map((from ?? []).map((node)=>[
node[0],
node
]));
const children = (to ?? []).map((node)=>{
const previous = old.get(node[0]);
old.delete(node[0]);
return mergeTrees(previous, node);
});
for (const node of old.values())children.push(mergeTrees(node, undefined));
const rest = (all, side)=>Math.max(0, all - children.reduce((sum, child)=>sum + child[side], 0));
const [left, right] = [
rest(was, 'before'),
rest(is, 'after')
];
if (left > 0 || right > 0) {
const whole = from === undefined && was > 0 || to === undefined && is > 0;
children.push(item(whole ? 'as a file' : 'small files', left, right, {
note: whole ? '' : 'not listed one by one'
}));
}
return item(name, was, is, {
children
});
}
const byFolder = ({ before, after })=>mergeTrees(before?.tree, after.tree, '/');
function byPackage(image) {
const managers = new Map();
for (const side of [
'before',
'after'
]){
for (const [manager, name, version, bytes, layer] of packagesOf(image[side])){
const packages = managers.get(manager) ?? new Map();
managers.set(manager, packages);
const entry = packages.get(name) ?? {
name,
from: [],
to: [],
before: 0,
after: 0,
layer: -1
};
packages.set(name, entry);
entry[side] += bytes;
if (side === 'after') entry.layer = layer;
entry[side === 'before' ? 'from' : 'to'].push(version);
}
}
return total('/', [
...managers
].map(([manager, packages])=>total(manager, [
...packages.values()
].map(({ name, before, after, layer, from, to })=>item(name, before, after, {
note: versions(from, to),
layer
})))));
}
const packagesOf = (side)=>side?.packages ?? [];
function versions(from, to) {
const [old, now] = [
from.join(', '),
to.join(', ')
];
if (old === '' || old === now) return now;
return now === '' ? \`\${old}, removed\` : \`\${old} → \${now}\`;
}
function byLayer({ before, after }) {
const files = after.tree ? filesByLayer(after.tree, after.layers.length) : [];
const left = new Map((before?.layers ?? []).map((layer)=>[
layer[0],
layer
]));
const shown = after.layers.map(([id, command, download, onDisk, place], index)=>{
const was = left.delete(id);
const parts = (files[index] ?? []).map((part)=>was ? asBefore(part) : part);
const listed = parts.reduce((sum, part)=>sum + part.after, 0);
const bytes = Math.max(onDisk ?? download, listed);
const hidden = bytes - listed;
if (parts.length > 0 && hidden > 0) {
const note = 'deleted or overwritten by a later layer, or too small to be listed';
parts.push(item('hidden or small', was ? hidden : 0, hidden, {
note,
layer: index
}));
}
return item(\`\${index + 1} \${command}\`, was ? bytes : 0, bytes, {
children: parts.length > 0 ? parts : null,
note: \`\${place}; \${was ? 'as before, ' : before ? 'new, ' : ''}\${formatBytes(download)} to download\`,
layer: index
});
});
for (const [, command, download, onDisk] of left.values()){
shown.push(item(command, onDisk ?? download, 0, {
note: \`gone, was \${formatBytes(download)} to download\`
}));
}
return total('/', shown);
}
const asBefore = ({ name, after, note, layer, children })=>item(name, after, after, {
note,
layer,
children: children?.map(asBefore) ?? null
});
function filesByLayer(root, layers) {
const split = (node)=>{
const children = childrenOf(node);
if (!children) return new Map([
[
layerOf(node),
item(node[0], 0, node[1], {
layer: layerOf(node)
})
]
]);
const found = new Map();
for (const child of children){
for (const [layer, part] of split(child)){
const list = found.get(layer);
if (list) list.push(part);
else found.set(layer, [
part
]);
}
}
return new Map([
...found
].map(([layer, parts])=>[
layer,
total(node[0], parts)
]));
};
const roots = split(root);
return Array.from({
length: layers
}, (_, layer)=>roots.get(layer)?.children ?? []);
}
const reasons = {
deleted: 'deleted',
overwritten: 'replaced',
'metadata-only': 'same content, other owner or mode'
};
const ended = '/';
const withoutEnd = (name)=>name.length > 1 && name.endsWith(ended) ? name.slice(0, -1) : name;
function byWaste({ before, after }) {
const branches = (side)=>{
const root = [
'/',
0,
[]
];
for (const [path, bytes, , , hiddenBy] of side?.waste ?? []){
let at = root;
const parts = path === '' ? [
'/'
] : path.split('/');
for (const [depth, part] of parts.entries()){
at[1] += bytes;
const name = depth === parts.length - 1 ? \`\${part}\${ended}\` : part;
const known = at[2].find((node)=>node[0] === name && Array.isArray(node[2]));
const next = known ?? [
name,
0,
[]
];
if (!known) at[2].push(next);
at = next;
}
at[1] += bytes;
at[2].push([
\`until layer \${hiddenBy + 1}\`,
bytes,
hiddenBy,
-1
]);
}
return root;
};
const root = mergeTrees(before?.waste && branches(before), branches(after));
const notes = new Map((after.waste ?? []).map((one)=>[
\`\${one[0] || '/'} \${one[4]}\`,
noteOf(one, after)
]));
return told(root, '', notes);
}
const noteOf = ([, , reason, writtenBy, hiddenBy], { layers })=>\`\${reasons[reason] ?? reason}: written by \${layers[writtenBy]?.[4] ?? ''}, hidden by \${layers[hiddenBy]?.[4] ?? ''}\`;
function told(node, path, notes) {
const name = withoutEnd(node.name);
const [only] = node.children ?? [];
if (only && node.children?.length === 1 && only.children === null) {
return item(name, node.before, node.after, {
layer: only.layer,
note: notes.get(\`\${path} \${only.layer}\`) ?? 'no more'
});
}
const children = (node.children ?? []).map((child)=>child.children === null ? item(child.name, child.before, child.after, {
layer: child.layer,
note: notes.get(\`\${path} \${child.layer}\`) ?? ''
}) : told(child, \`\${path}\${path && '/'}\${withoutEnd(child.name)}\`, notes));
return item(name, node.before, node.after, {
children
});
}
function pathOf(node) {
const names = [];
for(let each = node; each.parent; each = each.parent)names.unshift(each.name);
return names.join('/');
}
function search(root, query, most) {
const wanted = query.toLowerCase();
const found = [];
const visit = (node, path)=>{
if (path.includes(wanted)) {
found.push(node);
return;
}
for (const child of node.children ?? [])visit(child, \`\${path}/\${child.name.toLowerCase()}\`);
};
for (const child of root.children ?? [])visit(child, child.name.toLowerCase());
found.sort((a, b)=>Math.max(b.before, b.after) - Math.max(a.before, a.after));
return {
found: found.slice(0, most),
count: found.length,
bytes: found.reduce((sum, { after })=>sum + after, 0)
};
}
const head = 18;
const gap = 2;
const least = 1.5;
function treemap(root, { width, height, weight, children, most = 900 }) {
const boxes = [];
const queue = [
{
node: root,
x: 0,
y: 0,
width,
height,
depth: 0,
opened: true
}
];
for(let box = takeLargest(queue); box && boxes.length < most; box = takeLargest(queue)){
const [top, side] = box.depth === 0 ? [
0,
0
] : [
head,
gap
];
const inner = {
x: box.x + side,
y: box.y + top,
width: box.width - 2 * side,
height: box.height - top - side
};
const parts = inside(children(box.node) ?? [], inner, weight);
box.opened = parts.length > 0;
for (const part of parts){
const next = {
...part,
depth: box.depth + 1,
opened: false
};
boxes.push(next);
const room = next.width >= 44 && next.height >= head + 16;
if (room && (children(next.node)?.length ?? 0) > 0) queue.push(next);
}
}
return boxes;
}
function takeLargest(queue) {
let at = 0;
for (const [index, box] of queue.entries()){
const other = queue[at];
if (other && box.width * box.height > other.width * other.height) at = index;
}
return queue.splice(at, 1)[0];
}
function inside(nodes, area, weight) {
const weighed = nodes.map((node)=>({
node,
weight: weight(node)
})).filter((each)=>each.weight > 0);
weighed.sort((a, b)=>b.weight - a.weight);
const all = weighed.reduce((sum, each)=>sum + each.weight, 0);
const made = [];
if (all <= 0 || area.width < 1 || area.height < 1) return made;
const scale = area.width * area.height / all;
const sizes = weighed.map((each)=>each.weight * scale);
let { x, y, width, height } = area;
let start = 0;
while(start < weighed.length){
const side = Math.min(width, height);
const { end, sum } = rowFrom(sizes, start, side);
const thick = sum / side;
if (thick < least || side < least) break;
let along = 0;
for (const each of weighed.slice(start, end)){
const long = each.weight * scale / thick;
if (long >= least) {
made.push(width >= height ? {
node: each.node,
x,
y: y + along,
width: thick,
height: long
} : {
node: each.node,
x: x + along,
y,
width: long,
height: thick
});
}
along += long;
}
if (width >= height) {
x += thick;
width -= thick;
} else {
y += thick;
height -= thick;
}
start = end;
}
return made;
}
function rowFrom(sizes, start, side) {
const largest = sizes[start] ?? 0;
let end = start;
let sum = 0;
let worst = Number.POSITIVE_INFINITY;
for(; end < sizes.length; end++){
const size = sizes[end] ?? 0;
const next = sum + size;
const ratio = Math.max(side * side * largest / (next * next), next * next / (side * side * size));
if (ratio > worst) break;
worst = ratio;
sum = next;
}
return {
end,
sum
};
}
const mostRows = 200;
function button(text, act) {
const made = document.createElement('button');
made.type = 'button';
made.textContent = text;
made.addEventListener('click', act);
return made;
}
function contentsTable({ list, caption, compared, paths, whole, weight, open }) {
const title = document.createElement('caption');
title.textContent = list.length > mostRows ? \`\${caption}; the first \${mostRows}\` : caption;
const head = document.createElement('thead');
const figures = compared ? [
'Before',
'After',
'Change',
'Share'
] : [
'On disk',
'Share'
];
head.append(rowOf([
'Name',
...figures,
'Note'
].map((text)=>cellOf('th', text, figures.includes(text)))));
for (const cell of head.querySelectorAll('th'))cell.scope = 'col';
const body = document.createElement('tbody');
for (const node of list.slice(0, mostRows)){
const { before, after, note } = node;
const name = cellOf('th', '');
name.scope = 'row';
const text = paths ? pathOf(node) : node.name;
name.append(node.children ? button(text, ()=>open(node)) : text);
const bytes = compared ? [
formatBytes(before),
formatBytes(after),
signed(after - before)
] : [
formatBytes(after)
];
const cells = bytes.map((figure)=>cellOf('td', figure, true));
if (compared && after !== before) cells.at(-1)?.classList.add(after > before ? 'more' : 'less');
const share = cellOf('td', percent(weight(node), whole), true);
share.classList.add('share');
share.style.setProperty('--share', \`\${whole > 0 ? Math.min(100, weight(node) / whole * 100) : 0}%\`);
cells.push(share);
body.append(rowOf([
name,
...cells,
cellOf('td', note)
]));
}
return [
title,
head,
body
];
}
function rowOf(cells) {
const row = document.createElement('tr');
row.append(...cells);
return row;
}
function cellOf(kind, text, number = false) {
const cell = document.createElement(kind);
cell.textContent = text;
if (number) cell.className = 'number';
return cell;
}
const mostKeys = 12;
const hueOf = (layer)=>(layer * 137.5 + 210) % 360;
const shortened = (text)=>text.length > 60 ? \`\${text.slice(0, 59)}…\` : text;
function element(id, type) {
const found = document.getElementById(id);
if (!(found instanceof type)) throw new Error(\`#\${id} is missing\`);
return found;
}
function start() {
const blocks = [
...document.querySelectorAll("script[data-image]")
];
const explorer = element('explorer', HTMLElement);
const imageSelect = element('image', HTMLSelectElement);
const groupSelect = element('group', HTMLSelectElement);
const modeSelect = element('mode', HTMLSelectElement);
const query = element('query', HTMLInputElement);
const crumbs = element('crumbs', HTMLElement);
const map = element('map', HTMLElement);
const hint = element('hint', HTMLElement);
const status = element('status', HTMLElement);
const legend = element('legend', HTMLElement);
const contents = element('contents', HTMLTableElement);
const keys = element('key', HTMLElement);
if (blocks.length === 0) return;
explorer.hidden = false;
for (const [index, block] of blocks.entries()){
imageSelect.append(new Option(block.getAttribute('data-image') ?? '', String(index)));
}
const groups = {
folder: byFolder,
package: byPackage,
layer: byLayer,
waste: byWaste
};
const made = new Map();
let root;
let shown;
let mode = 'after';
const nodes = new Map();
const boxes = new Map();
const images = new Map();
function imageNow() {
const key = imageSelect.value;
const image = images.get(key) ?? JSON.parse(blocks[Number(key)]?.textContent ?? '{}');
images.set(key, image);
return image;
}
function choose() {
const image = imageNow();
const group = groupSelect.value;
const key = \`\${imageSelect.value} \${group}\`;
root = made.get(key) ?? groups[group](image);
made.set(key, root);
shown = root;
const comparable = isComparable(image, group);
for (const option of modeSelect.options)option.disabled = option.value !== 'after' && !comparable;
if (!comparable) modeSelect.value = 'after';
mode = modeSelect.value;
legend.textContent = legendOf(image, comparable);
drawKey(image);
draw();
}
function isComparable({ before }, group) {
if (!before) return false;
return group === 'layer' || (group === 'package' ? before.packages.length > 0 : group === 'waste' ? !!before.waste : !!before.tree);
}
function legendOf(image, comparable) {
const area = groupSelect.value === 'waste' ? 'Area: bytes that are stored and pulled, and that no container sees.' : mode === 'change' ? 'Area: bytes on disk, the larger of before and after.' : 'Area: bytes on disk.';
if (comparable) return area;
return \`\${area} \${image.before ? 'Only the manifest of the image before was read, so its files are not known.' : 'There is no image before to compare with.'}\`;
}
function drawKey({ after }) {
const entry = (kind, text, hue)=>{
const made = document.createElement('li');
const chip = document.createElement('span');
chip.className = \`chip \${kind}\`;
if (hue !== undefined) chip.style.setProperty('--hue', String(hue));
made.append(chip, text);
return made;
};
if (mode === 'change') keys.replaceChildren(entry('grew', 'grew'), entry('shrank', 'shrank'), entry('same', 'did not change'));
else {
const verb = groupSelect.value === 'waste' ? 'hidden by' : 'brought by';
keys.replaceChildren(...after.layers.map(([, command, , onDisk, place], layer)=>({
command,
onDisk,
place,
layer
})).filter(({ onDisk })=>onDisk !== 0).slice(0, mostKeys).map(({ command, place, layer })=>entry('layered', \`\${verb} \${place}: \${shortened(command)}\`, hueOf(layer))));
}
}
const weight = (node)=>mode === 'change' ? Math.max(node.before, node.after) : node[mode];
const delta = (node)=>node.after - node.before;
const describe = (node)=>{
const path = node.parent ? pathOf(node) : 'all';
const change = compared() ? \`, before \${formatBytes(node.before)}, \${signed(delta(node))}\` : '';
return \`\${path}: \${formatBytes(node.after)}\${change}\${node.note ? \` (\${node.note})\` : ''}\`;
};
const compared = ()=>modeSelect.options[1]?.disabled === false;
function open(node, focus = false) {
shown = node;
draw();
if (focus) firstBox()?.focus();
status.textContent = describe(node);
}
const firstBox = ()=>map.querySelector('[role=treeitem]');
function matches() {
const text = query.value.trim();
if (text === '') return undefined;
const result = search(root, text, 100_000);
const found = new Set(result.found);
const above = new Set();
for (const node of found)for(let each = node.parent; each && !above.has(each); each = each.parent)above.add(each);
const is = (node)=>{
for(let each = node; each; each = each.parent)if (found.has(each)) return true;
return false;
};
return {
is,
has: (node)=>above.has(node),
result
};
}
function draw() {
const matching = matches();
drawCrumbs();
drawMap(matching);
drawContents(matching);
}
function drawCrumbs() {
const path = [];
for(let each = shown; each; each = each.parent)path.unshift(each);
crumbs.replaceChildren(...path.map((node, index)=>{
const part = document.createElement('li');
const name = node.parent ? node.name : 'all';
if (index === path.length - 1) {
const here = document.createElement('span');
here.textContent = \`\${name} · \${formatBytes(node.after)}\`;
here.setAttribute('aria-current', 'true');
part.append(here);
} else part.append(button(name, ()=>open(node)));
return part;
}));
}
function drawMap(matching) {
const width = map.clientWidth || 960;
const height = map.clientHeight || 480;
nodes.clear();
boxes.clear();
const laid = treemap(shown, {
width,
height,
weight,
children: (node)=>node.children
});
const ranks = rankOf(laid.map((box)=>box.node));
map.replaceChildren(...laid.map(({ node, x, y, width: wide, height: high, depth, opened }, index)=>{
const box = document.createElement('div');
box.className = \`box\${node.children ? ' folder' : ''}\${opened ? ' opened' : ''}\`;
box.setAttribute('role', 'treeitem');
box.setAttribute('aria-level', String(depth));
const [place, of] = ranks.get(node) ?? [
1,
1
];
box.setAttribute('aria-posinset', String(place));
box.setAttribute('aria-setsize', String(of));
if (node.children) box.setAttribute('aria-expanded', String(opened));
box.setAttribute('aria-label', describe(node));
box.tabIndex = index === 0 ? 0 : -1;
box.style.left = \`\${x / width * 100}%\`;
box.style.top = \`\${y / height * 100}%\`;
box.style.width = \`\${wide / width * 100}%\`;
box.style.height = \`\${high / height * 100}%\`;
colour(box, node, opened);
if (matching) box.classList.add(matching.is(node) ? 'match' : matching.has(node) ? 'around' : 'dim');
if (wide > 40 && high > 14) {
const label = document.createElement('span');
label.textContent = \`\${node.name} \`;
const bytes = document.createElement('small');
bytes.textContent = mode !== 'change' ? formatBytes(node[mode]) : delta(node) === 0 ? '' : signed(delta(node));
if (wide > 90 || high > 32) label.append(bytes);
if (wide < 110 && high > 32) label.className = 'stacked';
box.append(label);
}
nodes.set(box, node);
boxes.set(node, box);
return box;
}));
if (laid.length === 0) map.textContent = 'Nothing here has a size.';
}
function rankOf(drawn) {
const siblings = new Map();
for (const node of drawn)siblings.set(node.parent, [
...siblings.get(node.parent) ?? [],
node
]);
return new Map([
...siblings.values()
].flatMap((list)=>list.map((node, index)=>[
node,
[
index + 1,
list.length
]
])));
}
const brought = new Map();
function bytesByLayer(node) {
const known = brought.get(node);
if (known) return known;
const sums = new Map(node.children ? [] : [
[
node.layer,
node.after
]
]);
for (const child of node.children ?? [])for (const [layer, bytes] of bytesByLayer(child))sums.set(layer, (sums.get(layer) ?? 0) + bytes);
brought.set(node, sums);
return sums;
}
function mainLayer(node) {
if (!node.children) return node.layer;
let [best, most] = [
-1,
0
];
for (const [layer, bytes] of bytesByLayer(node))if (bytes > most) [best, most] = [
layer,
bytes
];
return best;
}
function colour(box, node, opened) {
if (mode === 'change') {
const change = delta(node);
const largest = Math.max(node.before, node.after);
if (change === 0 || largest === 0) return;
box.classList.add(change > 0 ? 'grew' : 'shrank');
const heat = 25 + Math.round(Math.min(1, Math.abs(change) / largest) * 75);
box.style.setProperty('--heat', \`\${node.children ? Math.round(heat / 3) : heat}%\`);
} else if (!opened) {
const layer = mainLayer(node);
if (layer < 0) return;
box.classList.add('layered');
box.style.setProperty('--hue', String(hueOf(layer)));
}
}
function drawContents(matching) {
const list = matching ? matching.result.found : [
...shown.children ?? []
].sort((a, b)=>weight(b) - weight(a));
const caption = matching ? \`\${matching.result.count} found, \${formatBytes(matching.result.bytes)}\` : \`\${shown.parent ? pathOf(shown) : 'All'}: \${list.length} entries\`;
const whole = weight(matching ? root : shown);
contents.replaceChildren(...contentsTable({
list,
caption,
compared: compared(),
paths: matching !== undefined,
whole,
weight,
open
}));
if (matching) status.textContent = caption;
}
const boxAt = (target)=>target instanceof Element && target.closest('.box') || undefined;
function focus(node) {
const box = node && boxes.get(node);
if (!node || !box) return;
for (const other of map.querySelectorAll('[tabindex="0"]'))other.setAttribute('tabindex', '-1');
box.tabIndex = 0;
box.focus();
}
map.addEventListener('click', (event)=>{
const node = nodes.get(boxAt(event.target) ?? map);
if (node) open(node.children ? node : node.parent ?? root);
});
function showHint(node, x, y) {
hint.hidden = !node;
if (!node) return;
hint.textContent = \`\${describe(node)}\${node.layer >= 0 && node.note === '' ? \` · \${placeOf(node.layer)}\` : ''}\`;
const { width, height } = hint.getBoundingClientRect();
hint.style.left = \`\${Math.max(4, Math.min(x + 14, document.documentElement.clientWidth - width - 4))}px\`;
hint.style.top = \`\${y + 18 + height > window.innerHeight ? y - height - 8 : y + 18}px\`;
}
const placeOf = (layer)=>{
const [, command = '', , , place = ''] = imageNow().after.layers[layer] ?? [];
return \`\${place}: \${shortened(command)}\`;
};
map.addEventListener('pointermove', (event)=>showHint(nodes.get(boxAt(event.target) ?? map), event.clientX, event.clientY));
map.addEventListener('pointerleave', ()=>showHint(undefined, 0, 0));
map.addEventListener('focusin', (event)=>{
const box = boxAt(event.target);
const area = box?.getBoundingClientRect();
if (box && area) showHint(nodes.get(box), area.left, area.top);
});
map.addEventListener('focusout', ()=>showHint(undefined, 0, 0));
map.addEventListener('keydown', (event)=>{
const node = nodes.get(boxAt(event.target) ?? map);
if (!node || event.altKey || event.ctrlKey || event.metaKey) return;
const siblings = (node.parent?.children ?? []).filter((each)=>boxes.has(each)).sort((a, b)=>weight(b) - weight(a));
const at = siblings.indexOf(node);
const inner = [
...node.children ?? []
].filter((each)=>boxes.has(each)).sort((a, b)=>weight(b) - weight(a));
const keys = {
ArrowRight: ()=>focus(siblings[at + 1]),
ArrowLeft: ()=>focus(siblings[at - 1]),
ArrowDown: ()=>focus(inner[0]),
ArrowUp: ()=>focus(node.parent),
Home: ()=>focus(siblings[0]),
End: ()=>focus(siblings.at(-1)),
Enter: ()=>node.children && open(node, true),
' ': ()=>node.children && open(node, true),
Escape: up,
Backspace: up
};
const act = keys[event.key];
if (!act) return;
event.preventDefault();
act();
});
function up() {
const from = shown;
if (!from.parent) return;
open(from.parent);
focus(from);
}
for (const select of [
imageSelect,
groupSelect,
modeSelect
])select.addEventListener('change', choose);
let waiting = 0;
query.addEventListener('input', ()=>{
clearTimeout(waiting);
waiting = setTimeout(draw, 120);
});
document.addEventListener('keydown', (event)=>{
if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
event.preventDefault();
query.focus();
});
let width = map.clientWidth;
new ResizeObserver(()=>{
if (map.clientWidth === width) return;
width = map.clientWidth;
drawMap(matches());
}).observe(map);
const first = imageNow();
if (first.before?.tree) {
modeSelect.value = 'change';
const [files, wasted] = [
byFolder(first),
byWaste(first)
].map(({ before, after })=>Math.abs(after - before));
if ((wasted ?? 0) > (files ?? 0)) groupSelect.value = 'waste';
}
if (!first.after.tree) groupSelect.value = first.after.packages.length > 0 ? 'package' : 'layer';
choose();
}
start();
})()
`,L=`:root {
color-scheme: light dark;
--ground: #ffffff;
--raised: #f6f8fa;
--line: #d1d9e0;
--ink: #1f2328;
--soft: #59636e;
--link: #0a5cc2;
--good: #1a7f37;
--bad: #c22a2a;
--warn: #8a5a00;
--grew: #f08c2e;
--shrank: #3f8ee0;
--box: #e3e7ec;
--folder: #f1f3f5;
--bar: #8fb4e3;
--light: 82%;
}
@media (prefers-color-scheme: dark) {
:root {
--ground: #0d1117;
--raised: #161b22;
--line: #343c46;
--ink: #e8edf2;
--soft: #9aa4af;
--link: #6cb0ff;
--good: #4cc268;
--bad: #ff7b72;
--warn: #e0ad3c;
--grew: #914808;
--shrank: #1b5aa0;
--box: #2d343d;
--folder: #1b2129;
--bar: #2f5f9e;
--light: 27%;
}
}
* {
box-sizing: border-box;
}
body {
margin: 0 auto;
max-width: 78rem;
padding: 1.5rem clamp(0.75rem, 3vw, 2rem) 4rem;
background: var(--ground);
color: var(--ink);
font:
15px / 1.5 system-ui,
-apple-system,
"Segoe UI",
"Noto Sans",
sans-serif;
}
h1 {
font-size: 1.35rem;
line-height: 1.3;
margin: 0 0 0.25rem;
overflow-wrap: anywhere;
}
h2 {
font-size: 1.05rem;
margin: 2rem 0 0.5rem;
}
p {
margin: 0.35rem 0;
}
a {
color: var(--link);
}
.about,
.soft {
color: var(--soft);
font-size: 0.87rem;
}
.verdict {
--tone: var(--good);
border: 1px solid color-mix(in srgb, var(--tone) 35%, var(--line));
border-left: 0.4rem solid var(--tone);
border-radius: 8px;
padding: 0.8rem 1rem;
background: color-mix(in srgb, var(--tone) 6%, var(--ground));
}
.verdict.failed,
.verdict.cancelled {
--tone: var(--bad);
}
.verdict.warned {
--tone: var(--warn);
}
code,
pre {
font:
0.86em / 1.45 ui-monospace,
SFMono-Regular,
Menlo,
Consolas,
"DejaVu Sans Mono",
monospace;
}
code {
overflow-wrap: anywhere;
}
/* In a table this would make columns as narrow as a letter. */
td code,
th code {
overflow-wrap: break-word;
}
td > a > code {
white-space: nowrap;
}
pre {
background: var(--raised);
border: 1px solid var(--line);
border-radius: 6px;
padding: 0.7rem 0.9rem;
overflow-x: auto;
}
ul.reasons {
padding-left: 1.1rem;
}
.scroll {
overflow-x: auto;
}
table {
border-collapse: collapse;
width: 100%;
font-variant-numeric: tabular-nums;
}
caption {
text-align: left;
color: var(--soft);
padding: 0.3rem 0;
}
th,
td {
padding: 0.32rem 0.7rem;
border-bottom: 1px solid var(--line);
text-align: left;
vertical-align: top;
}
thead th {
color: var(--soft);
font-weight: 600;
white-space: nowrap;
}
tbody tr:hover {
background: var(--raised);
}
tbody th {
font-weight: 400;
overflow-wrap: anywhere;
}
td.number,
th.number {
text-align: right;
white-space: nowrap;
}
td.more {
color: var(--bad);
font-weight: 600;
}
td.less {
color: var(--good);
}
td.share {
min-width: 7rem;
background:
linear-gradient(var(--bar), var(--bar)) no-repeat right 0.7rem bottom 0.2rem /
calc((100% - 1.4rem) * var(--share) / 100%) 3px;
}
details {
border: 1px solid var(--line);
border-radius: 6px;
margin: 0.5rem 0;
padding: 0 0.9rem;
}
summary {
cursor: pointer;
padding: 0.45rem 0;
overflow-wrap: anywhere;
}
.controls {
display: flex;
flex-wrap: wrap;
gap: 0.6rem 1rem;
align-items: end;
}
.controls label {
display: grid;
font-size: 0.82rem;
color: var(--soft);
gap: 0.15rem;
}
.controls .wide {
flex: 1 1 14rem;
}
select,
input {
font: inherit;
color: var(--ink);
background: var(--raised);
border: 1px solid var(--line);
border-radius: 6px;
padding: 0.3rem 0.5rem;
min-width: 8rem;
width: 100%;
}
button {
font: inherit;
color: var(--link);
background: none;
border: 0;
padding: 0;
cursor: pointer;
text-align: left;
overflow-wrap: anywhere;
}
button:hover {
text-decoration: underline;
}
:focus-visible {
outline: 3px solid var(--link);
outline-offset: 1px;
}
#crumbs {
display: flex;
flex-wrap: wrap;
list-style: none;
margin: 0.9rem 0 0.4rem;
padding: 0;
}
#crumbs li + li::before {
content: "/";
color: var(--soft);
padding: 0 0.35rem;
}
#map {
position: relative;
height: clamp(24rem, 62vh, 44rem);
background: var(--folder);
border: 1px solid var(--line);
border-radius: 8px;
overflow: hidden;
}
.box {
position: absolute;
overflow: hidden;
background-color: var(--box);
background-clip: padding-box;
border: 0 solid transparent;
border-width: 0 1px 1px 0;
border-radius: 3px;
font-size: 0.75rem;
line-height: 1.25;
cursor: pointer;
print-color-adjust: exact;
-webkit-print-color-adjust: exact;
}
.box.folder {
background-color: var(--folder);
box-shadow: inset 0 0 0 1px var(--line);
}
.box span {
display: block;
padding: 1px 4px;
white-space: nowrap;
overflow: hidden;
text-overflow: ellipsis;
pointer-events: none;
}
.box.opened > span {
font-weight: 600;
}
.box small {
color: inherit;
font-weight: 400;
}
.box .stacked small {
display: block;
}
.box.layered {
background-color: hsl(var(--hue) 45% var(--light));
}
.box.grew {
background-color: color-mix(in oklab, var(--box), var(--grew) var(--heat));
}
.box.shrank {
background-color: color-mix(in oklab, var(--box), var(--shrank) var(--heat));
}
.box.folder.grew {
background-color: color-mix(in oklab, var(--folder), var(--grew) var(--heat));
}
.box.folder.shrank {
background-color: color-mix(in oklab, var(--folder), var(--shrank) var(--heat));
}
.box.dim {
opacity: 0.25;
}
.box.match {
box-shadow: inset 0 0 0 2px var(--ink);
}
.box:hover:not(:has(.box:hover)) {
box-shadow: inset 0 0 0 2px var(--link);
}
.box:focus-visible {
outline-offset: -3px;
z-index: 1;
}
#key {
display: flex;
flex-wrap: wrap;
gap: 0.15rem 1rem;
list-style: none;
margin: 0.2rem 0 1rem;
padding: 0;
font-size: 0.82rem;
color: var(--soft);
}
#key li {
overflow-wrap: anywhere;
}
.chip {
display: inline-block;
width: 0.8em;
height: 0.8em;
margin-right: 0.4em;
border-radius: 3px;
vertical-align: -0.05em;
background: var(--box);
box-shadow: inset 0 0 0 1px var(--line);
print-color-adjust: exact;
-webkit-print-color-adjust: exact;
}
.chip.layered {
background: hsl(var(--hue) 45% var(--light));
}
.chip.grew {
background: var(--grew);
}
.chip.shrank {
background: var(--shrank);
}
#hint {
position: fixed;
z-index: 2;
max-width: min(34rem, 90vw);
margin: 0;
padding: 0.35rem 0.6rem;
border: 1px solid var(--line);
border-radius: 6px;
background: var(--raised);
box-shadow: 0 4px 14px rgb(0 0 0 / 0.18);
font-size: 0.84rem;
overflow-wrap: anywhere;
pointer-events: none;
}
.hidden {
position: absolute;
width: 1px;
height: 1px;
overflow: hidden;
clip-path: inset(50%);
}
@media print {
:root {
font-size: 11px;
}
body {
max-width: none;
padding: 0;
font-size: 10.5px;
}
.controls,
#hint,
#status,
.soft.on-screen,
noscript {
display: none;
}
#map {
height: 14cm;
break-inside: avoid;
}
details::details-content {
content-visibility: visible;
block-size: auto;
}
tr,
pre {
break-inside: avoid;
}
button {
color: inherit;
}
}
`;var y=c(793),w=c(7058);const W=22e4;function I(n){const e=n.addons.length>1,t=(0,O.RO)(n).filter(({target:r})=>r.size),o=t.reduce((r,{target:l})=>r+(l.size?.baseline?.measure.contents?.tree?2:1),0),a=Math.max(500,Math.floor(W/Math.max(1,o)));return t.flatMap(({addon:r,target:{architecture:l,size:d}})=>{if(!d)return[];const{measure:f,baseline:g}=d;return{name:e?`${r} ${l}`:l,after:z(f,a),...g&&{before:z(g.measure,a)}}})}function z(n,e){const{contents:t,layers:o}=n;return{...t?.tree&&{tree:A(t.tree,K(t.tree,e))},packages:(t?.packages??[]).map(F),layers:o.map(({diffId:a,createdBy:r,download:l,onDisk:d},f)=>[a,(0,w.RK)((0,y.Nl)(r)).slice(0,300),l,"bytes"in d?d.bytes:null,(0,y.k)(n,f)]),...t&&{waste:t.waste.map(({path:a,bytes:r,reason:l,writtenBy:d,hiddenBy:f})=>[(0,w.RK)(a).replace(/\n/g,"␤"),r,l,d,f])}}}const F=({manager:n,name:e,version:t,bytes:o,layer:a})=>[n,(0,w.RK)(e),(0,w.RK)(t),o,a??-1];function A(n,e){const t=(0,w.RK)(n.name).replace(/\n/g,"␤");return n.children?[t,n.bytes,n.children.filter(({bytes:o})=>o>=e).map(o=>A(o,e))]:[t,n.bytes,n.layer??-1,n.package??-1]}function K(n,e){const t=[],o=[n];for(let r=o.pop();r;r=o.pop()){t.push(r.bytes);for(const l of r.children??[])o.push(l)}return t.length<=e?0:(Float64Array.from(t).sort().at(-e)??0)+1}const q={"&":"&amp;","<":"&lt;",">":"&gt;",'"':"&quot;","'":"&#39;"},i=n=>(0,w.RK)(n).replace(/[&<>"']/g,e=>q[e]??""),P=n=>JSON.stringify(n).replace(/[<>&\u2028\u2029]/g,e=>`\\u${e.charCodeAt(0).toString(16).padStart(4,"0")}`),C=(n,e)=>/^https?:\/\//.test(e)?`<a href="${i(e)}" rel="noopener noreferrer">${n}</a>`:n,v=n=>n.split(/`([^`]+)`/).map((e,t)=>t%2===1?`<code>${i(e)}</code>`:i(e)).join("");var G=c(4578),b=c(239),U=c(6956),$=c(1628),V=c(58),T=c(8808),Z=c(7654),k=c(6094);const s=n=>({html:i(n)}),h=n=>({html:n===""?"":`<code>${i(n)}</code>`}),m=n=>({html:i(n),number:!0});function p(n,e,t){const o=e.map(({html:r,number:l})=>`<th scope="col"${l?' class="number"':""}>${r}</th>`).join(""),a=t.map(([r,...l])=>`<tr><th scope="row"${r?.number?' class="number"':""}>${r?.html??""}</th>${l.map(J).join("")}</tr>`);return`<div class="scroll"><table><caption>${i(n)}</caption><thead><tr>${o}</tr></thead><tbody>${a.join(`
`)}</tbody></table></div>`}function J({html:n,number:e,kind:t}){const o=[e?"number":"",t??""].filter(a=>a!=="").join(" ");return`<td${o?` class="${o}"`:""}>${n}</td>`}function Y(n,e){if(n.length===0)return"";const t=(0,G.L)(n,e);return`<section aria-labelledby="images"><h2 id="images">Images</h2>${p("Before, after and reduction are download sizes.",t.map(({title:a,right:r})=>({html:i(a),number:r===!0})),n.map(a=>t.map(({title:r,text:l,right:d})=>({html:`${r==="Architecture"&&a.state!=="passed"?`${(0,x.ZG)(a.state)} `:""}${i(l(a))}`,number:d===!0,...r==="Reduction"&&a.news==="changed"&&{kind:(a.change?.bytes??0)>0?"more":"less"}}))))}</section>`}function X({verdict:n},e){const t=(a,{names:r,gate:l,message:d})=>`<li>${a} ${r.map(f=>`<code>${i(f)}</code> `).join("")}${i(k.AO[l])}: ${v(d)}</li>`,o=[...(0,k.xI)(n.reasons,e).map(a=>t((0,x.ZG)("failed"),a)),...(0,k.xI)(n.warnings,e).map(a=>t((0,x.ZG)("warned"),a))];return o.length===0?"":`<section aria-labelledby="why"><h2 id="why">Why</h2><ul class="reasons">${o.join("")}</ul></section>`}function Q(n,e){const t=n.flatMap(o=>{const{build:a,smoke:r}=o.target;return a.status==="failed"?j(`${S(o,e)}: end of the build log`,a.log.length>0?a.log:[a.reason]):r?.status==="failed"?j(`${S(o,e)}: what the container said`,(0,Z.zv)(r,200)):[]});return t.length===0?"":`<section aria-labelledby="evidence"><h2 id="evidence">Evidence</h2>${t.join("")}</section>`}const S=({addon:n,target:e},t)=>t?`${n} ${e.architecture}`:e.architecture,j=(n,e)=>`<details open><summary>${i(n)}</summary><pre tabindex="0">${i(e.join(`
`))}</pre></details>`;function _(n,e){const t=(0,V.f)(n,e,{images:60,most:30}).map(({names:o,text:a})=>`<li>${o.map(r=>h(r).html).join(" ")} ${v(a)}</li>`);return t.length===0?"":`<section aria-labelledby="changes"><h2 id="changes">What changed</h2><p class="soft">Bytes on disk, unless it says “to download”.</p><ul class="reasons">${t.join("")}</ul></section>`}function nn(n){const e=(0,U.W)(n);return e.length===0?"":`<section aria-labelledby="audit"><h2 id="audit">Audit</h2>${p((0,u.U9)(e.length,"finding"),[s("Severity"),s("Rule"),s("Finding"),s("Fix"),s("Where"),s("Saves")],e.map(({severity:o,rule:a,message:r,fix:l,where:d,bytes:f,link:g})=>[s(o),{html:g===void 0?h(a).html:C(h(a).html,g)},s(r),s(l),h(d?`${d.file}:${d.line}`:""),m(f===void 0?"":(0,b.z3)(f))]))}</section>`}function en({addons:n}){const t=n.flatMap(({contexts:o})=>o??[]).map(o=>{const{folder:a,exclude:r,largestFiles:l}=o,d=(0,T.u$)(o),f=`<p>${h(a).html} ${i((0,T.CO)(o))}.${d?` Another ${i((0,b.z3)(d.bytes))} could be left out.`:""}</p>`,g=[...d?[p("Better left out, too",[s("Line for .dockerignore"),{html:"Files",number:!0},{html:"Bytes",number:!0},s("Why")],r.map(({pattern:M,files:E,bytes:bn,reason:gn})=>[h(M),m(String(E)),m((0,b.z3)(bn)),s(gn)]))]:[],...l.length>0?[`<details><summary>Largest files that may be sent</summary>${p("BuildKit asks only for what the Dockerfile copies, so this is the most that it can be sent",[{html:"Bytes",number:!0},s("Path")],l.map(({path:M,bytes:E})=>[m((0,b.z3)(E)),h(M)]))}</details>`]:[]];return f+g.join("")});return t.length===0?"":`<section aria-labelledby="context"><h2 id="context">Build context</h2>${t.join("")}</section>`}function tn(n){const e=(0,$.VM)(n).slice(0,20).map($.$N);return e.length===0?"":`<section aria-labelledby="emulation"><h2 id="emulation">Slow under emulation</h2><ul class="reasons">${[...e,$.z8].map(o=>`<li>${on(o)}</li>`).join("")}</ul></section>`}const on=n=>n.split("`").map((t,o)=>o%2===1?h(t).html:i(t)).join("");function an(n,e){const t=n.map(o=>{const a=[rn(o),sn(o),ln(o),dn(o),cn(o),hn(o)].filter(r=>r!=="");return a.length===0?"":`<details><summary>${i(S(o,e))}</summary>${a.join("")}</details>`});return t.every(o=>o==="")?"":`<section aria-labelledby="details"><h2 id="details">Details</h2>${t.join("")}</section>`}function rn({target:n}){const e=n.size,t=[...n.sizeError===void 0?[]:[`Not measured: ${n.sizeError}`],...e?[`Manifest ${e.measure.manifestDigest}, config ${e.measure.configDigest}`,...e.baseline?[`Compared with ${e.baseline.reference} (${e.baseline.source}${e.baseline.chosen?`, ${e.baseline.chosen}`:""}${e.baseline.commit?`, commit ${e.baseline.commit}`:""}), manifest ${e.baseline.measure.manifestDigest}`]:[e.noBaseline??"Not compared."],...e.comparison?.caveats??[],...e.budgets.map(({message:o})=>o)]:[]];return t.length===0?"":`<ul class="soft">${t.map(o=>`<li>${v(o)}</li>`).join("")}</ul>`}function sn({target:{smoke:n}}){return n?p(`Smoke test: ${n.reason}`,[s("Check"),s("Result"),s("Why"),{html:"Time",number:!0}],n.checks.map(({name:e,status:t,reason:o,durationMs:a})=>[s(e),s(t),s(o),m(a===void 0?"":(0,u.p0)(a))])):""}function ln({target:{size:n}}){if(!n)return"";const e=new Set(n.baseline?.measure.layers.map(({diffId:t})=>t));return p((0,u.U9)(n.measure.layers.length,"layer"),[{html:"#",number:!0},{html:"Download",number:!0},{html:"On disk",number:!0},s("On the device"),s("Dockerfile"),s("Made by"),s("Digest")],n.measure.layers.map(({download:t,onDisk:o,createdBy:a,digest:r,diffId:l},d)=>[m(String(d+1)),m((0,b.z3)(t)),m((0,u.Ej)(o)),s(e.size===0?"":e.has(l)?"already":"new"),s((0,y.k)(n.measure,d)),h((0,y.Nl)(a)),h((0,u.VK)(r))]))}function dn({target:{size:n}}){const e=n?.measure.contents?.waste??[];return e.length===0?"":p(`Bytes that no container sees: ${(0,b.z3)(n?.measure.contents?.hidden??0)}`,[{html:"Bytes",number:!0},s("Path"),s("Why"),s("Written by"),s("Hidden by")],e.slice(0,100).map(({path:t,bytes:o,reason:a,writtenBy:r,hiddenBy:l})=>[m((0,b.z3)(o)),h(t),s(a),H(n?.measure,r),H(n?.measure,l)]))}const H=(n,e)=>n?{html:`${i((0,y.k)(n,e))} ${h((0,y.Nl)(n.layers[e]?.createdBy)).html}`}:s("");function cn({target:{size:n}}){const e=n?.measure.contents?.duplicates??[];return e.length===0?"":p("The same content under several names",[{html:"Each",number:!0},{html:"Copies",number:!0},s("Paths")],e.slice(0,50).map(({bytes:t,copies:o,paths:a})=>[m((0,b.z3)(t)),m(String(o)),h(a.join("  "))]))}function hn({target:{build:n}}){return n.status!=="built"||n.steps.length===0?"":p(`Build: ${(0,u.p0)(n.durationMs)}, ${n.cache.hits} of ${n.cache.total} steps from the cache${n.emulated?", emulated":""}`,[s("Step"),{html:"Time",number:!0},s("From")],n.steps.map(({name:e,durationMs:t,cached:o})=>[h(e),m((0,u.p0)(t)),s(o?"cache":"")]))}const N=n=>`'sha256-${(0,D.createHash)("sha256").update(n).digest("base64")}'`;function mn(n){const e=(0,x.gD)(n),t=(0,O.RO)(n),o=n.addons.length>1;return`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${`default-src 'none'; script-src ${N(B)}; style-src ${N(L)}; base-uri 'none'; form-action 'none'`}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${i(e.text)}</title>
<style>${L}</style>
</head>
<body>
<header class="verdict ${e.state}">
<h1>${e.icon} ${i(e.text)}</h1>
<p class="about">${un(n)}</p>
</header>
<main>
${X(n,o)}
${Y(t,o)}
${Q(t,o)}
${_(t,o)}
${pn}
${nn(n)}
${tn(t)}
${en(n)}
${an(t,o)}
</main>
${I(n).map(fn).join(`
`)}
<script>${B}<\/script>
</body>
</html>
`}const fn=n=>`<script type="application/json" data-image="${i(n.name)}">${P(n)}<\/script>`;function un({run:n,tool:e,publication:t}){const o=n.headSha??n.sha;return[...n.repository===""?[]:[i(n.repository)],...o===""?[]:[`commit <code>${i((0,u.Ax)(o))}</code>`],...n.pullRequest===void 0?[]:[`pull request ${n.pullRequest}`],...n.url===""?[]:[C("run",n.url)],`<time datetime="${i(n.finishedAt)}">${i(n.finishedAt.replace("T"," ").replace(/\.\d+Z$/," UTC"))}</time>`,t.status==="published"?"published":`not published: ${i((0,u.sb)(t.reason))}`,`${e.name} ${i(e.version)}`].join(" · ")}const pn=`<noscript><p class="soft">The treemap needs JavaScript. The tables hold the same figures.</p></noscript>
<section id="explorer" aria-labelledby="inside" hidden>
<h2 id="inside">What is inside</h2>
<div class="controls">
<label>Image <select id="image"></select></label>
<label>Group by <select id="group"><option value="folder">Folders</option><option value="package">Packages</option><option value="layer">Layers</option><option value="waste">Wasted bytes</option></select></label>
<label>Show <select id="mode"><option value="after">After</option><option value="before">Before</option><option value="change">Change</option></select></label>
<label class="wide">Search <input id="query" type="search" autocomplete="off" spellcheck="false" placeholder="name or path, press /"></label>
</div>
<nav aria-label="Where you are"><ol id="crumbs"></ol></nav>
<div id="map" role="tree" aria-label="Treemap: arrow keys move, Enter opens, Escape goes back" aria-describedby="legend"></div>
<p id="legend" class="soft"></p>
<ul id="key"></ul>
<p id="hint" aria-hidden="true" hidden></p>
<p id="status" class="hidden" role="status"></p>
<div class="scroll"><table id="contents"></table></div>
</section>`})};export{wn as id,xn as ids,vn as modules};
