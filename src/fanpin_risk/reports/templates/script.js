"use strict";
(() => {
  const find = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => Array.from(within.querySelectorAll(selector));
  const { words, households } = JSON.parse(find("#data").textContent);
  const root = document.documentElement;
  const body = find(".list tbody");
  const rows = body ? all("tr", body) : [];
  const dialog = find("#household");
  const sheets = find("#sheets");

  /* Language: every text stands in the page in both; style shows one. */
  for (const button of all("[data-lang]")) {
    button.addEventListener("click", () => {
      root.lang = button.dataset.lang;
      for (const other of all("[data-lang]")) other.setAttribute("aria-pressed", String(other === button));
    });
  }

  /* Texts go in as text only. A number stands for a word of the list: [Chinese, English] or [the one language]. */
  function put(element, value) {
    if (typeof value === "string") {
      element.textContent = value;
      return;
    }
    const said = words[value];
    element.textContent = said.length === 1 ? said[0] : "";
    if (said.length === 1) return;
    said.forEach((text, language) => {
      const span = document.createElement("span");
      span.className = language ? "en" : "zh";
      span.lang = language ? "en" : "zh-CN";
      span.textContent = text;
      element.append(span);
    });
  }

  function card(place) {
    const household = households[place];
    const sheet = find("#card-form").content.firstElementChild.cloneNode(true);
    for (const element of all("[data-put]", sheet)) put(element, household[element.dataset.put]);
    find("[data-if=thin]", sheet).hidden = !household.thin;
    find("[data-if=doubts]", sheet).hidden = household.doubts === "";
    const [start, ticks] = household.axis;
    for (const [x, text] of ticks) {
      const tick = document.createElementNS("http://www.w3.org/2000/svg", "text");
      tick.setAttribute("x", `${x}%`);
      tick.setAttribute("y", "12");
      tick.setAttribute("text-anchor", "middle");
      tick.textContent = text;
      find("[data-axis]", sheet).append(tick);
    }
    for (const [kind, said, left, width, effect] of household.steps) {
      const row = find("tr", find("#step-form").content).cloneNode(true);
      row.className = kind;
      put(find("[data-put=words]", row), said);
      put(find("[data-put=effect]", row), effect);
      for (const name of ["x1", "x2"]) find("line", row).setAttribute(name, `${start}%`);
      find("rect", row).setAttribute("x", `${left}%`);
      find("rect", row).setAttribute("width", `${width}%`);
      find("[data-steps]", sheet).append(row);
    }
    const gaps = find("[data-gaps]", sheet);
    if (household.gaps.length) gaps.textContent = "";
    for (const gap of household.gaps) {
      const span = document.createElement("span");
      put(span, gap);
      gaps.append(span);
    }
    return sheet;
  }

  /* The card of one household, with those before and after it in the list as it is sorted and searched. */
  let opened = null;
  const shown = () => all("tr", body).filter((row) => !row.hidden);
  const placeOf = (row) => Number(find("[data-card]", row).dataset.card);

  function open(row) {
    opened = row;
    find("#open-card").replaceChildren(card(placeOf(row)));
    const list = shown();
    const [previous, next] = [find("#previous"), find("#next")];
    const pressed = document.activeElement;
    previous.disabled = row === list[0];
    next.disabled = row === list[list.length - 1];
    if (pressed.disabled) (pressed === next ? previous : next).focus();
    if (!dialog.open) dialog.showModal();
    dialog.scrollTop = 0;
  }

  function step(by) {
    const list = shown();
    const next = list[list.indexOf(opened) + by];
    if (next) open(next);
  }

  function print(places) {
    sheets.replaceChildren(...places.map(card));
    window.print();
  }

  window.addEventListener("beforeprint", () => {
    if (dialog.open && !sheets.childElementCount) sheets.replaceChildren(card(placeOf(opened)));
    sheets.hidden = !sheets.childElementCount;
    document.body.classList.toggle("sheets-only", !sheets.hidden);
  });
  window.addEventListener("afterprint", () => {
    sheets.replaceChildren();
    sheets.hidden = true;
    document.body.classList.remove("sheets-only");
  });
  if (!body) return;
  find("#close").addEventListener("click", () => dialog.close());
  find("#previous").addEventListener("click", () => step(-1));
  find("#next").addEventListener("click", () => step(1));
  find("#print-card").addEventListener("click", () => print([placeOf(opened)]));
  find("#print-cards").addEventListener("click", () => print(shown().map(placeOf)));
  dialog.addEventListener("close", () => find("[data-card]", opened).focus());
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  body.addEventListener("click", (event) => {
    const button = event.target.closest("[data-card]");
    if (button) open(button.closest("tr"));
  });

  /* Search: every word must be in the row, in either language. Figures stand in nearly every reason, so a number is
     looked for as the number of the row, and within ids and places. */
  const plain = (text) => text.normalize("NFKC").toLowerCase();
  const shows = (row, name) => plain(find(`.${name}`, row).textContent);
  const texts = new Map(rows.map((row) => [row, plain(row.textContent)]));
  const codes = new Map(rows.map((row) => [row, `${shows(row, "id")} ${shows(row, "place")}`]));
  const fits = (row, word) => (
    /^\d+$/.test(word) ? shows(row, "number") === word || codes.get(row).includes(word) : texts.get(row).includes(word));
  const search = find("#search");

  function choose() {
    const wanted = plain(search.value).split(/\s+/).filter(Boolean);
    const tier = find("[name=tier]:checked").value;
    let count = 0;
    for (const row of rows) {
      row.hidden = (tier && row.dataset.tier !== tier) || !wanted.every((word) => fits(row, word));
      count += row.hidden ? 0 : 1;
    }
    find("[data-shown]").textContent = String(count);
    find("#nothing").hidden = count > 0;
    find("#print-cards").disabled = !count;
  }
  search.addEventListener("input", choose);
  for (const radio of all("[name=tier]")) radio.addEventListener("change", choose);
  /* On the way back a browser may have filled in what was chosen before. */
  window.addEventListener("pageshow", choose);

  /* Sorting: by the number where a cell has one, else by its text in the language shown; empty cells come last. */
  function key(row, name) {
    const cell = find(`.${name}`, row);
    if (cell.dataset.value !== undefined) return Number(cell.dataset.value);
    const said = find(root.lang === "en" ? ".en" : ".zh", cell) || cell;
    return said.textContent.trim();
  }

  for (const button of all("[data-sort]")) {
    button.addEventListener("click", () => {
      const header = button.closest("th");
      const first = button.dataset.falling === undefined ? "ascending" : "descending";
      const other = first === "ascending" ? "descending" : "ascending";
      const order = header.getAttribute("aria-sort") === first ? other : first;
      for (const each of all("th[aria-sort]", header.parentElement)) each.removeAttribute("aria-sort");
      header.setAttribute("aria-sort", order);
      const sign = order === "ascending" ? 1 : -1;
      const keys = new Map(rows.map((row) => [row, key(row, button.dataset.sort)]));
      const collator = new Intl.Collator(root.lang, { numeric: true });
      const compare = (a, b) => (typeof a === "number" ? a - b : collator.compare(a, b));
      const empty = (row) => keys.get(row) === "";
      const sorted = rows.slice().sort(
        (a, b) => empty(a) - empty(b) || sign * compare(keys.get(a), keys.get(b)));
      body.append(...sorted);
    });
  }
})();
