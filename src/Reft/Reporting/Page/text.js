// Alarms and the config.
function alarmsSection() {
  if (data.alarms.length === 0) return section('alarms', 'Alarms', empty('No alarm fired.'));
  return section('alarms', 'Alarms', ...data.alarms.map(alarm => el('article', { class: `alarm${alarm.stops ? ' stops' : ''}` },
    el('h3', {}, alarm.id, alarm.stops ? el('span', { class: 'state failed' }, 'stopped the run') : null),
    el('p', { class: 'line' }, `${alarm.count === 1 ? 'Once' : `${alarm.count} times`}, `,
      alarm.first === alarm.last ? `at step ${alarm.first}` : `from step ${alarm.first} to ${alarm.last}`,
      `. Last figure ${number(alarm.figure)}, limit ${number(alarm.limit)}.`),
    el('p', {}, alarm.meaning ?? ''), alarm.remedy ? el('p', {}, el('b', {}, 'Remedy. '), alarm.remedy) : null)));
}

// Comments say where a value came from; they are paler, and values that somebody chose are not.
function configSection() {
  if (!data.config) return section('config', 'Config', empty('This run has no config.yaml.'));
  const lines = data.config.split('\n').map(text => {
    const comment = text.search(/(^|\s)#[^"']*$/);
    const code = comment < 0 ? text : text.slice(0, comment);
    const colon = code.indexOf(':');
    return el('span', { class: /#\s*default/.test(text.slice(comment)) && comment >= 0 ? 'default' : null },
      el('b', {}, colon < 0 ? code : code.slice(0, colon + 1)), colon < 0 ? '' : code.slice(colon + 1),
      comment < 0 ? '' : el('i', {}, text.slice(comment)), '\n');
  });
  const block = el('pre', { class: 'config', tabindex: 0 }, ...lines);
  return section('config', 'Config', el('div', { class: 'tools' },
    choice('Values', [['', 'all values'], ['chosen', 'without defaults']], '', value => block.classList.toggle('chosen', value !== ''))), block);
}
