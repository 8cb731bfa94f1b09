// Puts the page together.
document.getElementById('bar').append(...bar());
document.getElementById('main').append(...[summarySection(), rerankingSection(), curvesSection(), completionsSection(), flipsSection(),
  evaluationsSection(), alarmsSection(), configSection()].filter(part => part));
document.body.append(drawer);
charts.forEach(draw);
