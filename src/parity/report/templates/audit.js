"use strict";
// The specification curve, to explore: points and intervals, the choices below, filters, one specification's details.
(() => {
  const $ = (selector) => document.querySelector(selector), held = $("#data");
  if (!held) return;
  const data = JSON.parse(held.textContent);
  const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;
  const { n, axes, lines, level } = data;
  const floats = Object.fromEntries(["coef", "low", "high", "se", "p", "nobs"].map((k) => [k, new Float32Array(bytes(data[k]))]));
  const first = data.first && new Float32Array(bytes(data.first)); // F of the instruments' first stage
  const { coef, low, high, se, p, nobs } = floats, chosen = new Uint16Array(bytes(data.choices)), number = new Int32Array(bytes(data.number));
  const option = (i, axis) => chosen[axis * n + i];
  const sign = data.base < 0 ? Math.sign(coef[n >> 1]) : Math.sign(coef[data.base]);
  const kind = (i) => (p[i] >= level ? 1 : coef[i] * sign > 0 ? 0 : 2);
  const short = (x, digits = 6) => {
    if (!Number.isFinite(x)) return "–";
    const rounded = Number(x.toPrecision(digits)), size = Math.abs(rounded);
    if (size === 0 || (size >= 1e-4 && size < 10 ** digits)) return rounded.toString().replace("-", "−");
    const [mantissa, power] = rounded.toExponential().split("e");
    return `${mantissa}e${power[0]}${power.slice(1).padStart(2, "0")}`.replaceAll("-", "−");
  };
  const many = (x) => x.toLocaleString("en");

  // which option of an axis stands on which line
  const at = axes.map(() => null);
  lines.forEach((line, row) => { at[line.axis] ??= new Int16Array(axes[line.axis].options.length).fill(-1); for (const o of line.options) at[line.axis][o] = row; });
  const varied = axes.map((_, j) => j).filter((j) => at[j]);

  // ---- filters
  const selects = varied.map((axis) => {
    const label = document.createElement("label"), select = document.createElement("select"), there = new Set(chosen.subarray(axis * n, axis * n + n));
    select.append(new Option("any", ""), ...axes[axis].options.flatMap((text, o) => (there.has(o) ? [new Option(o === axes[axis].base ? `${text} (as audited)` : text, o)] : [])));
    label.append(axes[axis].name, select);
    $("#by-choice").append(label);
    return { axis, select };
  });
  let shown = [], here = 0;
  const filter = () => {
    const wanted = selects.filter(({ select }) => select.value !== "").map(({ axis, select }) => [axis, Number(select.value)]), result = $("#result").value;
    const kept = shown[here];
    shown = [];
    let same = 0, stars = 0;
    for (let i = 0; i < n; i += 1) {
      if (!wanted.every(([axis, o]) => option(i, axis) === o)) continue;
      const k = kind(i), up = coef[i] * sign > 0;
      if ((result === "star" && k !== 0) || (result === "none" && k !== 1) || (result === "other" && up)) continue;
      shown.push(i);
      same += up;
      stars += k === 0;
    }
    $("#shown").textContent = shown.length === 0 ? "No specification has all of these." :
      `${many(shown.length)} of ${many(n)} specifications: ${many(same)} with the audited sign, ${many(stars)} of them significant at ${short(100 * level)} %; median ${short((coef[shown[(shown.length - 1) >> 1]] + coef[shown[shown.length >> 1]]) / 2)}.`;
    const base = shown.indexOf(data.base), stays = shown.indexOf(kept);
    draw();
    go(stays >= 0 ? stays : base >= 0 ? base : shown.length >> 1);
  };

  // ---- drawing: only when what is shown, the size or the colours change
  const plot = $("#plot"), canvas = plot.firstElementChild, mark = $("#here");
  let left = 0, step = 1;
  const nice = (least, most) => {
    const raw = (most - least) / 4, power = 10 ** Math.floor(Math.log10(raw)), size = [1, 2, 2.5, 5, 10].find((s) => s * power >= raw) * power, found = [];
    for (let k = Math.ceil(least / size); k * size <= most; k += 1) found.push(Number((k * size).toPrecision(10)));
    return found;
  };
  const quantile = (values, q) => { const sorted = Float32Array.from(values).sort(); return sorted[Math.round(q * (sorted.length - 1))]; };
  const draw = () => {
    const width = plot.clientWidth, narrow = width < 560, curve = narrow ? 190 : 300, row = narrow ? 13 : 14, heads = new Set(lines.filter((l) => l.options.length > 1 || axes[l.axis].options.length > 2 || !["in", "out"].includes(axes[l.axis].options[0])).map((l) => l.axis));
    const height = curve + 12 + row * (lines.length + heads.size), scale = window.devicePixelRatio || 1;
    left = narrow ? 104 : 210;
    canvas.width = Math.round(width * scale);
    canvas.height = Math.round(height * scale);
    canvas.style.height = `${height}px`;
    const context = canvas.getContext("2d"), style = getComputedStyle(document.documentElement), ink = (name) => style.getPropertyValue(name).trim();
    context.scale(scale, scale);
    const count = shown.length, room = width - left - 6;
    step = count ? room / count : room;
    context.font = `11px ${getComputedStyle(document.body).fontFamily}`;
    context.textBaseline = "middle";
    const fitted = (text, most) => { let cut = text; while (cut && context.measureText(cut).width > most) cut = cut.slice(0, -1); return cut === text ? text : `${cut.slice(0, -1)}…`; };
    if (count) {
      const ends = [quantile(shown.map((i) => low[i]), 0.02), quantile(shown.map((i) => high[i]), 0.98)];
      let least = Math.min(ends[0], coef[shown[0]]), most = Math.max(ends[1], coef[shown[count - 1]]), span = most - least || Math.abs(most) || 1;
      if (least > 0 && least < span) least = 0;
      if (most < 0 && most > -span) most = 0;
      span = most - least || span;
      least -= 0.03 * span; most += 0.03 * span;
      const y = (v) => 4 + (curve - 8) * (1 - (Math.min(Math.max(v, least), most) - least) / (most - least));
      context.textAlign = "right";
      for (const t of nice(least, most)) {
        context.fillStyle = ink(t === 0 ? "--soft" : "--faint");
        context.fillRect(left, Math.round(y(t)), room, 1);
        context.fillStyle = ink("--soft");
        context.fillText(short(t, 10), left - 6, y(t));
      }
      const wide = Math.max(step * 0.6, 0.7), size = Math.min(Math.max(step * 0.8, 2), 6), colours = ["--agree", "--soft", "--differ"].map(ink);
      context.fillStyle = ink("--line");
      if (step >= 1) shown.forEach((i, k) => context.fillRect(left + (k + 0.5) * step - wide / 2, y(high[i]), wide, y(low[i]) - y(high[i])));
      else for (let x = 0; x < room; x += 1) { // many in one column: from the lowest end to the highest
        let a = Infinity, b = -Infinity;
        for (let k = Math.floor(x / step); k < Math.min(count, Math.ceil((x + 1) / step)); k += 1) { a = Math.min(a, low[shown[k]]); b = Math.max(b, high[shown[k]]); }
        if (a <= b) context.fillRect(left + x, y(b), 1, y(a) - y(b));
      }
      for (const colour of [1, 0, 2]) {
        context.fillStyle = colours[colour];
        shown.forEach((i, k) => { if (kind(i) === colour) context.fillRect(left + (k + 0.5) * step - size / 2, y(coef[i]) - size / 2, size, size); });
      }
      const base = shown.indexOf(data.base);
      if (base >= 0) {
        context.strokeStyle = ink("--link");
        context.lineWidth = 2;
        context.beginPath();
        context.arc(left + (base + 0.5) * step, y(coef[data.base]), 6, 0, 7);
        context.stroke();
      }
    }
    // the choices below: how many of a column's specifications make each
    const bins = Math.max(1, Math.min(count, Math.floor(room / 2))), totals = new Uint32Array(bins);
    shown.forEach((_, k) => { totals[Math.floor(k * bins / count)] += 1; });
    let top = curve + 10, last = -1;
    context.textAlign = "left";
    lines.forEach((line, number) => {
      const { axis } = line, own = line.options.includes(axes[axis].base);
      if (heads.has(axis) && axis !== last) { context.fillStyle = ink("--soft"); context.fillText(fitted(axes[axis].name, left - 8), 0, top + row / 2); top += row; }
      last = axis;
      const label = heads.has(axis) ? (line.options.length > 1 ? `${many(line.options.length)} others` : axes[axis].options[line.options[0]]) : axes[axis].name;
      const audited = heads.has(axis) ? own : axes[axis].options[axes[axis].base] === "in";
      context.fillStyle = ink(audited ? "--link" : "--ink");
      context.fillText(fitted(`${audited ? "◯ " : ""}${label}`, left - 16), heads.has(axis) ? 8 : 0, top + row / 2);
      const taken = new Uint32Array(bins);
      shown.forEach((i, k) => { taken[Math.floor(k * bins / count)] += at[axis][option(i, axis)] === number; });
      context.fillStyle = ink("--faint");
      context.fillRect(left, top + row - 1, room, 0.5);
      context.fillStyle = ink("--ink");
      for (let b = 0; b < bins; b += 1) if (taken[b]) { context.globalAlpha = 0.12 + 0.73 * taken[b] / totals[b]; context.fillRect(left + b * room / bins, top + 2, Math.max(room / bins - (room / bins > 4 ? 1 : 0), 0.6), row - 5); }
      context.globalAlpha = 1;
      top += row;
    });
  };

  // ---- one specification
  const made = (tag, text, css = "") => { const e = document.createElement(tag); e.textContent = text; e.className = css; return e; };
  const tell = (k) => {
    const i = shown[k], detail = $("#detail");
    mark.hidden = i === undefined;
    if (i === undefined) { detail.replaceChildren(); plot.setAttribute("aria-valuetext", "none"); return; }
    mark.style.left = `${left + (k + 0.5) * step}px`;
    const changed = varied.filter((axis) => option(i, axis) !== axes[axis].base), text = (axis) => `${axes[axis].name}: ${axes[axis].options[option(i, axis)]}`;
    const list = made("ul", ""), head = made("p", "", "said");
    head.append(made("b", short(coef[i])), ` from ${short(low[i], 4)} to ${short(high[i], 4)}, standard error ${short(se[i])}, p ${short(p[i], 3)}, N ${many(nobs[i])}${first ? `, first-stage F ${short(first[i], 3)}` : ""}`);
    list.append(...changed.map((axis) => made("li", `${text(axis)} (audited: ${axes[axis].options[axes[axis].base]})`, "changed")), ...varied.filter((axis) => !changed.includes(axis)).map((axis) => made("li", text(axis))));
    const place = `${many(k + 1)} of ${many(shown.length)} by coefficient (specification ${many(number[i])})`;
    detail.replaceChildren(made("p", i === data.base ? `${place}: as audited` : `${place}: ${changed.length} ${changed.length === 1 ? "choice differs" : "choices differ"} from the audited one`), head, list);
    plot.setAttribute("aria-valuemax", shown.length);
    plot.setAttribute("aria-valuenow", k + 1);
    plot.setAttribute("aria-valuetext", `${short(coef[i])}, p ${short(p[i], 3)}; ${i === data.base ? "as audited" : changed.map(text).join(", ")}`);
  };
  const go = (k) => { here = Math.min(Math.max(k, 0), Math.max(shown.length - 1, 0)); tell(here); };
  const under = (event) => Math.min(Math.max(Math.floor((event.clientX - plot.getBoundingClientRect().left - left) / step), 0), shown.length - 1);
  plot.addEventListener("pointermove", (event) => { if (event.pointerType === "mouse" && !event.buttons) tell(under(event)); else go(under(event)); });
  plot.addEventListener("pointerdown", (event) => go(under(event)));
  plot.addEventListener("pointerleave", () => tell(here));
  plot.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const far = Math.max(1, Math.round(shown.length / 20)), base = shown.indexOf(data.base);
    const to = { ArrowRight: here + 1, ArrowUp: here + 1, ArrowLeft: here - 1, ArrowDown: here - 1, PageUp: here + far, PageDown: here - far, Home: 0, End: shown.length - 1, a: base < 0 ? here : base }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    go(to);
  });

  const form = $(".audit .filter");
  form.hidden = $(".audit .explore").hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("input", filter);
  $("#clear").addEventListener("click", () => { form.reset(); filter(); });
  new ResizeObserver(() => { draw(); tell(here); }).observe(plot);
  document.addEventListener("dressed", draw);
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", draw);
  filter();
})();
