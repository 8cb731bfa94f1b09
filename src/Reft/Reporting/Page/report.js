// Puts the page together.
document.getElementById('bar').append(...bar());
document.getElementById('main').append(summarySection(), curvesSection(), completionsSection(), flipsSection(),
  evaluationsSection(), alarmsSection(), configSection());
document.body.append(drawer);
charts.forEach(draw);
