// Goes on with the page of a run while the run does. What shows figures is made anew in its place; lists that somebody reads stay as they are
// until they are asked for the newest; what is on the screen stays where it is.
const watched = new URLSearchParams(location.search).get('name');
const pulse = el('span', { class: 'state pulse', role: 'status' }, 'connecting');
document.querySelector('.theme').before(pulse);
document.querySelector('.brand').prepend(el('a', { href: '/', class: 'all-runs' }, '‹ all runs'), ' ');

const made = { summary: summarySection, reranking: rerankingSection, curves: curvesSection, completions: completionsSection, flips: flipsSection,
  evaluations: evaluationsSection, alarms: alarmsSection, config: configSection };
const lists = ['completions', 'flips'];
const touched = new Set();
for (const kind of ['click', 'input', 'focusin']) {
  document.addEventListener(kind, event => { const part = event.target.closest?.('section')?.id; if (lists.includes(part)) touched.add(part); });
}

const isSeen = part => { const box = part.getBoundingClientRect(); return box.top < innerHeight && box.bottom > 0; };

function renew(id) {
  const [old, next] = [document.getElementById(id), made[id]()];
  if (old && next) old.replaceWith(next);
  else if (next) document.getElementById('summary').after(next);
  touched.delete(id);
}

function offer(id) {
  const part = document.getElementById(id);
  if (part.querySelector('.newest')) return;
  part.querySelector('h2').after(el('button', { type: 'button', class: 'newest', onclick: () => renew(id) }, 'Show the newest'));
}

function refresh(next) {
  const anchor = [...document.getElementById('main').children].find(part => part.getBoundingClientRect().bottom > 80);
  const [id, top] = [anchor?.id, anchor?.getBoundingClientRect().top];
  const focused = charts.findIndex(chart => chart.plot === document.activeElement);
  data = next;
  readCurves();
  alarmSteps = stepsOfAlarms();
  charts.length = 0;
  for (const part of Object.keys(made).filter(part => part !== 'config')) {
    if (lists.includes(part) && (touched.has(part) || isSeen(document.getElementById(part)) || drawer.open)) offer(part);
    else renew(part);
  }
  charts.forEach(draw);
  charts[focused]?.plot.focus({ preventScroll: true });
  const now = id ? document.getElementById(id)?.getBoundingClientRect().top : undefined;
  if (now !== undefined && now !== top) scrollBy({ top: now - top, behavior: 'instant' });
}

let [shownStamp, isFetching] = [null, false];
const events = new EventSource(`events?run=${encodeURIComponent(watched)}`);
events.onopen = () => { pulse.textContent = 'live'; pulse.classList.add('running'); };
events.onerror = () => { pulse.textContent = 'no connection'; pulse.classList.remove('running'); };
events.onmessage = async event => {
  const { stamp } = JSON.parse(event.data);
  if (stamp === shownStamp || isFetching) return;
  isFetching = true;
  try {
    const answer = await fetch(`data?run=${encodeURIComponent(watched)}`);
    if (answer.ok) {
      refresh(await answer.json());
      shownStamp = stamp;
    }
  } finally {
    isFetching = false;
  }
};
