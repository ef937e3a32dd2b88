"use strict";
(() => {
  const $ = (selector, root = document) => root.querySelector(selector);
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];

  // ---- search and filter
  const studies = all(".study").map((section) => ({
    section,
    estimates: all(".estimates > li", section).map((li) => ({ li, text: li.dataset.t, verdicts: li.dataset.v.split(" ") })),
    tables: all(".grid", section).map((table) => ({
      parts: [table.parentElement, ...(table.dataset.k === "o" ? [table.parentElement.previousElementSibling] : [])],
      at: new Map([...table.tHead.rows[0].cells].map((th, i) => [th.dataset.e, i])),
      rows: [...table.tBodies[0].rows].map((tr) => ({
        tr, text: tr.dataset.t, verdicts: tr.dataset.v.split(" "), cells: tr.cells, link: $("a", tr), spec: table.dataset.k === "s",
      })),
    })),
  }));
  const rows = studies.flatMap(({ tables }) => tables.flatMap((table) => table.rows));
  const find = $("#find"), verdict = $("#verdict"), engine = $("#engine"), shown = $("#shown");
  const harmless = new Set(["agree", "declined", "unavailable"]);
  const verdictOf = { a: "agree", x: "explained", d: "disagree", f: "failed", v: "vacuous", s: "stale", n: "declined", u: "unavailable" };
  const said = (cell) => verdictOf[cell.className[0]] ?? "";
  const cellOff = new Set(["e", "n", "u"]);
  const fits = (row, words, wanted, at) => {
    if (!words.every((word) => row.text.includes(word))) return false;
    if (at !== null) {
      if (at === undefined) return false;
      const cell = row.cells[at], here = said(cell);
      return wanted === "" ? !cellOff.has(cell.className) : wanted === "!" ? here !== "" && !harmless.has(here) : here === wanted;
    }
    return wanted === "" || (wanted === "!" ? row.verdicts.some((v) => !harmless.has(v)) : row.verdicts.includes(wanted));
  };
  const filter = () => {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let specs = 0, others = 0;
    for (const { section, tables, estimates } of studies) {
      let any = 0;
      for (const { parts, at, rows } of tables) {
        const place = engine.value === "" ? null : at.get(engine.value);
        const fitting = new Set(rows.filter((row) => fits(row, words, verdict.value, place)));
        const some = fitting.size > 0;
        // rows of a table that is hidden as a whole stay as they are: showing it again is then one change
        if (some) for (const row of rows) { if (row.tr.hidden === fitting.has(row)) row.tr.hidden = !fitting.has(row); }
        for (const row of fitting) { if (row.spec) specs += 1; else others += 1; }
        for (const part of parts) if (part.hidden === some) part.hidden = !some;
        any += fitting.size;
      }
      let some = 0;
      for (const one of estimates) { const fit = fits(one, words, verdict.value, null); some += fit; if (one.li.hidden === fit) one.li.hidden = !fit; }
      if (estimates.length) for (const part of [estimates[0].li.parentElement, estimates[0].li.parentElement.previousElementSibling]) part.hidden = some === 0;
      if (section.hidden === any > 0) section.hidden = any === 0;
      if (any) section.style.setProperty("--rows", any); // its height while it is out of view
    }
    const line = specs === total.specs ? told("{a} specifications", specs) : told("{a} of {b} specifications", specs, total.specs);
    const beside = others === total.others ? told("{a} others", others) : told("{a} of {b} others", others, total.others);
    shown.textContent = total.others ? `${line}, ${beside}` : line;
    $("#nothing").hidden = specs + others > 0;
  };
  const total = { specs: rows.filter((row) => row.spec).length, others: rows.filter((row) => !row.spec).length };
  $(".filter").hidden = false;
  $(".filter").addEventListener("submit", (event) => event.preventDefault());
  $(".filter").addEventListener("input", filter);
  $("#clear").addEventListener("click", () => { find.value = verdict.value = engine.value = ""; filter(); find.focus(); });
  filter();

  // ---- by keyboard: / searches, arrows go from row to row, Escape comes back
  const visible = () => rows.filter((row) => !row.tr.closest("[hidden]")).map((row) => row.link);
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input[type=search], select, textarea");
    const open = $(".page.open");
    if (event.key === "/" && !typing && !open) { event.preventDefault(); find.focus(); return; }
    if (event.key === "Escape" && open) { location.hash = "#specifications"; return; }
    const down = event.key === "ArrowDown", up = event.key === "ArrowUp";
    if (!down && !up && !(event.key === "Enter" && event.target === find)) return;
    if (event.target === find) { event.preventDefault(); visible()[0]?.focus(); return; }
    if (!event.target.closest(".grid") || event.target.tagName !== "A") return;
    const links = visible(), at = links.indexOf(event.target) + (down ? 1 : -1);
    event.preventDefault();
    (at < 0 ? find : links[at])?.focus();
  });

  // ---- pages of specs: the address says which; focus follows
  const title = document.title;
  const kept = new Map(all("script[data-page]").map((script) => [script.dataset.page, script]));
  const unpack = (id) => {
    const script = kept.get(id), holder = document.createElement("template");
    holder.innerHTML = JSON.parse(script.textContent); // made and escaped by parity, as the rest of this file
    script.replaceWith(holder.content);
    kept.delete(id);
  };
  const current = () => {
    const id = decodeURIComponent(location.hash.slice(1));
    if (kept.has(id)) unpack(id);
    return document.getElementById(id)?.closest(".page") ?? null;
  };
  let left = null;
  const go = () => {
    const page = current();
    for (const open of all(".page.open")) open.classList.remove("open");
    document.body.classList.toggle("reading", page !== null);
    if (page) {
      page.classList.add("open");
      prepare(page);
      document.title = `${$("h1", page).textContent} · parity`;
      left = page.id;
      window.scrollTo(0, 0);
      page.focus({ preventScroll: true });
    } else {
      document.title = title;
      const link = left && rows.find((row) => row.link.hash === `#${left}`)?.link;
      if (link) { link.focus({ preventScroll: true }); link.scrollIntoView({ block: "center" }); left = null; }
    }
  };
  // ---- try it: pick numbers that were computed when the report was made
  const LEVELS = ["90 %", "95 %", "99 %"];
  const attempt = (section) => {
    const form = $(".switches", section), data = JSON.parse($("script", section).textContent);
    const chosen = (name) => { const input = $(`input[name=${name}]:checked`, form); return input ? Number(input.value) : 0; };
    const names = all(".conventions label", section).map((label) => $("span", label).firstChild.textContent.trim());
    const draw = () => {
      const term = chosen("term"), outcome = chosen("convention"), level = chosen("level"), inside = chosen("inside");
      all(".term", section).forEach((block, i) => { block.hidden = i !== term; });
      const block = all(".term", section)[term], numbers = data.t[term], rules = data.o[outcome];
      const paths = all(".intervals path", block), circles = all(".points circle", block);
      let at = 0;
      all(".numbers tbody tr", block).forEach((tr, engine) => {
        const row = numbers.at[outcome][engine], text = numbers.rows[row], places = numbers.x[row];
        const stays = rules.stays.includes(engine);
        tr.className = stays ? "stays" : "";
        tr.cells[1].lastElementChild.textContent = `(${text[inside]})`;
        tr.cells[2].textContent = told("{a} to {b}", text[4 + 2 * level], text[5 + 2 * level]);
        tr.cells[3].textContent = text[3];
        const from = places[2 * level], to = places[2 * level + 1], path = paths[at];
        if (numbers.x[numbers.at[0][engine]][2] === null || !path) return;
        at += 1;
        const y = path.getAttribute("d").match(/M\S+ ([\d.]+)/)[1];
        if (from !== null && to !== null) path.setAttribute("d", `M${from} ${y}L${to} ${y}`);
        path.classList.toggle("stays", stays);
      });
      circles.length && block.classList.toggle("moved", outcome !== 0);
      all("[data-h=inside]", block).forEach((e) => { e.textContent = inside === 1 ? "(SE)" : "(t)"; });
      all("[data-h=level]", block).forEach((e) => { e.textContent = LEVELS[level]; });
      all(".printed", block).forEach((p, i) => {
        const fits = numbers.in[i][outcome], mark = p.lastElementChild;
        mark.className = fits ? "a" : "d";
        mark.textContent = told(fits ? "● this convention rounds to it" : "▲ this convention does not round to it");
      });
      const why = $(".why", section);
      why.replaceChildren();
      const name = document.createElement("b");
      name.textContent = names[outcome];
      why.append(name, `${outcome === 0 ? told(", as declared") : ""}: ${rules.rules}. ${rules.why}`);
    };
    form.hidden = false;
    form.addEventListener("change", draw);
    form.addEventListener("submit", (event) => event.preventDefault());
  };

  // ---- ranks of another period: numbers that the report holds
  const ranking = (section) => {
    const data = JSON.parse($("script", section).textContent), select = $("select", section), tables = all(".ranks", section);
    const cell = (tag, text, moved) => {
      const made = document.createElement(tag), inner = moved ? document.createElement("mark") : made;
      if (tag === "th") made.scope = "row"; else made.className = "num";
      if (moved) { inner.className = "out"; made.append(inner); }
      inner.textContent = text;
      return made;
    };
    const fill = (table, rows) => table.tBodies[0].replaceChildren(...rows.map(([unit, candidate, reference]) => {
      const tr = document.createElement("tr");
      tr.append(cell("th", data.units[unit]), cell("td", candidate), cell("td", reference, candidate !== reference));
      return tr;
    }));
    const say = (name, text) => { const place = $(`[data-h=${name}]`, section); if (place) place.textContent = text; };
    const draw = () => {
      const { rows, said, left } = data.periods[select.selectedIndex];
      const long = tables.length > 1 && rows.length > data.shown;
      fill(tables[0], long ? rows.slice(0, data.edge) : rows);
      if (tables.length > 1) {
        fill(tables[1], rows.slice(-data.edge));
        fill(tables[2], rows);
        for (const part of [tables[1], tables[1].previousElementSibling, tables[2].parentElement]) part.hidden = !long;
      }
      say("period", select.selectedOptions[0].text);
      say("count", rows.length.toLocaleString("en"));
      say("left", left);
      say("said", said);
    };
    select.form.hidden = false;
    select.form.addEventListener("submit", (event) => event.preventDefault());
    select.addEventListener("change", draw);
  };

  // ---- copy a script
  const copyable = (button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      const pre = document.getElementById(button.dataset.of);
      try { await navigator.clipboard.writeText(pre.textContent); } catch {
        getSelection().selectAllChildren(pre);
        document.execCommand("copy");
      }
      button.firstChild.textContent = told("Copied");
      $("#said").textContent = told("Copied");
    });
  };

  const prepared = new Set();
  const prepare = (page) => {
    if (prepared.has(page)) return;
    prepared.add(page);
    all(".try", page).forEach(attempt);
    all(".periods", page).forEach(ranking);
    all(".copy", page).forEach(copyable);
  };
  window.addEventListener("hashchange", go);
  if (location.hash) go();
})();
