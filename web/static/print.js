// A page for paper: marks links whose text is their address already, then opens the browser's dialog for printing.

for (const link of document.links) link.toggleAttribute("data-bare", link.textContent.trim() === link.getAttribute("href"));
print();
