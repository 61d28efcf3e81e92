// Records how old each progress of a job is when the page shows it. The job writes the time into its note.
window.jobProbe = { ages: [], seen: new Map() };
new MutationObserver(() => {
  const now = performance.timeOrigin + performance.now();
  for (const line of document.querySelectorAll(".job-words")) {
    const said = line.textContent.match(/\b\d{10}\.\d{6}\b/)?.[0];
    if (!said || jobProbe.seen.get(line.id) === said) continue;
    jobProbe.seen.set(line.id, said);
    jobProbe.ages.push(now - Number(said) * 1000);
  }
}).observe(document, {childList: true, characterData: true, subtree: true});
