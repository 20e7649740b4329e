// The page works without this; it copies commands, shows only what holds a word, sorts tables, and opens what a link names.
(() => {
  "use strict";
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];

  for (const button of all(".copy")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const code = button.parentElement.querySelector("code");
      try {
        await navigator.clipboard.writeText(code.textContent);
      } catch {
        getSelection().selectAllChildren(code);
        document.execCommand("copy");
      }
      const name = button.firstChild;
      name.textContent = "Copied";
      setTimeout(() => { name.textContent = "Copy"; }, 1500);
    });
  }

  const box = document.getElementById("filter");
  if (box) {
    box.parentElement.hidden = false;
    const cards = all(".card");
    const held = new Map(cards.map(card => [card, card.textContent.toLowerCase()]));
    const more = all(".more");
    box.addEventListener("input", () => {
      const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const card of cards) {
        card.hidden = !words.every(word => held.get(card).includes(word));
        count += !card.hidden;
      }
      for (const fold of more) fold.open = words.length > 0;
      if (words.length) for (const lane of all(".lane > .fold")) lane.open = true;
      for (const lane of all(".lane")) lane.hidden = words.length > 0 && !lane.querySelector(".card:not([hidden])");
      document.getElementById("found").textContent = words.length ? `${count} of ${cards.length}` : "";
    });
  }

  const value = cell => {
    const text = cell ? cell.textContent.trim() : "";
    const number = parseFloat(text.replace(/,/g, "").replace(/\u2212/g, "-"));
    return cell && cell.classList.contains("n") && !Number.isNaN(number) ? number : text.toLowerCase();
  };
  for (const head of all(".scroll > table > thead th")) {
    const table = head.closest("table");
    if (table.tBodies[0].rows.length < 2 || !head.textContent) continue;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "sort";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const falls = head.getAttribute("aria-sort") !== "descending";
      for (const other of head.parentElement.cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", falls ? "descending" : "ascending");
      const rows = [...table.tBodies[0].rows];
      const at = row => value(row.cells[head.cellIndex]);
      rows.sort((a, b) => (at(a) < at(b) ? 1 : at(a) > at(b) ? -1 : 0) * (falls ? 1 : -1));
      table.tBodies[0].append(...rows);
    });
  }

  // A phone begins with the first lane open and the rest folded; paper shows all.
  const folds = all(".fold");
  if (matchMedia("(max-width: 40rem)").matches) folds.forEach((fold, place) => { fold.open = place === 0; });
  addEventListener("beforeprint", () => { for (const fold of folds) fold.open = true; });

  const reveal = () => {
    const named = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
    for (let place = named; place; place = place.parentElement) if (place.localName === "details") place.open = true;
    for (const fold of named ? all(":scope > .fold", named) : []) fold.open = true;
    if (named) named.scrollIntoView();
  };
  addEventListener("hashchange", reveal);
  reveal();
})();
