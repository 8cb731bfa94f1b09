// The run, and the only way this page makes elements: texts become text nodes, never markup.
let data = JSON.parse(document.getElementById('data').textContent);

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) element.addEventListener(name.slice(2), value);
    else if (value !== null && value !== undefined && value !== false) element.setAttribute(name, value === true ? '' : value);
  }
  element.append(...children.flat().filter(child => child !== null && child !== undefined));
  return element;
}

const el = (name, attributes = {}, ...children) => fill(document.createElement(name), attributes, children);
const svg = (name, attributes = {}, ...children) =>
  fill(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, children);

function section(id, title, ...children) {
  return el('section', { id, 'aria-labelledby': `${id}-title` }, el('h2', { id: `${id}-title` }, title), ...children);
}

const empty = text => el('p', { class: 'empty' }, text);

// A row of buttons of which one is pressed.
function choice(label, options, chosen, choose) {
  const buttons = options.map(([value, text]) => el('button', {
    type: 'button', 'aria-pressed': String(value === chosen), onclick: () => {
      buttons.forEach((button, i) => button.setAttribute('aria-pressed', String(options[i][0] === value)));
      choose(value);
    },
  }, text));
  return el('div', { class: 'choice', role: 'group', 'aria-label': label }, ...buttons);
}

function select(label, options, choose) {
  const list = el('select', { 'aria-label': label, onchange: () => choose(list.value) },
    ...options.map(([value, text]) => el('option', { value }, text)));
  return list;
}

function switchTheme() {
  const root = document.documentElement;
  const isDark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = isDark ? 'light' : 'dark';
}

// What stands at the top of a page, with links to its sections.
function topBar(name, places) {
  return [
    el('span', { class: 'brand' }, 'reft', el('b', {}, name)),
    el('nav', { 'aria-label': 'Sections' }, ...places.map(([id, text]) => el('a', { href: `#${id}` }, text))),
    el('button', { type: 'button', class: 'theme', 'aria-label': 'Light or dark', title: 'Light or dark', onclick: switchTheme }, '◐'),
  ];
}
