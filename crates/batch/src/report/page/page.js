"use strict";
(() => {
  const CAME = { ja: ["無害化", "一部除去", "除去"], en: ["sanitised", "parts withheld", "withheld"] };
  const CLASS = ["ok", "some", "no"];
  const PAGE = 100;
  const get = (id) => document.getElementById(id);
  const rows = JSON.parse(get("rows").textContent);
  const root = document.documentElement;
  const words = get("words"), came = get("came"), kind = get("kind"), finding = get("finding");
  // what codes are called in Japanese, and what refusals say; in English they say it themselves
  const japanese = new Map(Object.entries(JSON.parse(finding.dataset.names)));
  const called = (code) =>
    root.lang === "ja" && japanese.has(code) ? japanese.get(code) + " (" + code + ")" : code;
  const word = (code) => (root.lang === "ja" ? japanese.get(code) ?? code : code);
  const both = (code) => (code ?? "") + " " + (japanese.get(code) ?? "");
  // one string a row to look in: names, kind, ticket, reason, findings, outputs, parts
  const text = rows.map((r) =>
    [r[1], both(r[2]), r[4], both(r[5]), r[6].map((f) => both(f[0])).join(" "), r[7].join(" "),
      r[8].map((p) => [p[0], p[1], both(p[2]), both(p[3])].join(" ")).join(" ")]
      .join("\n").normalize("NFKC").toLowerCase());
  let shown = [], at = 0, sorted = null, down = false;

  const option = (value, label) => {
    const o = document.createElement("option");
    o.value = value;
    o.textContent = label;
    return o;
  };
  const unique = (values) => [...new Set(values)].sort();
  for (const k of unique(rows.map((r) => r[2]))) kind.append(option(k, k));
  for (const f of unique(rows.flatMap((r) => r[6].map((x) => x[0])))) finding.append(option(f, f));
  for (const i of [0, 1, 2]) came.append(option(String(i), ""));

  const cell = (tr, lines, name) => {
    const td = tr.insertCell();
    if (name) td.className = name;
    if (lines.length === 1) {
      td.textContent = lines[0];
    } else {
      for (const line of lines) {
        const div = document.createElement("div");
        div.textContent = line;
        td.append(div);
      }
    }
  };
  const some = (list) => (list.length > 6 ? [...list.slice(0, 6), "… " + list.length] : list);
  const draw = () => {
    const names = CAME[root.lang];
    const body = document.createDocumentFragment();
    const number = new Intl.NumberFormat(root.lang);
    for (const index of shown.slice(at, at + PAGE)) {
      const r = rows[index];
      const tr = document.createElement("tr");
      cell(tr, [names[r[0]]], CLASS[r[0]]);
      cell(tr, [r[1]]);
      cell(tr, [word(r[2])]);
      cell(tr, [number.format(r[3])]);
      const parts = r[5] ? [] : r[8].map((p) => p[0] + " " + (p[1] ?? "") + " [" + word(p[2]) + "] " + word(p[3]));
      cell(tr, some(r[5] ? [word(r[5])] : parts));
      cell(tr, some(r[6].map((f) => called(f[0]) + " × " + f[1])));
      cell(tr, some(r[7]));
      cell(tr, [r[4]]);
      body.append(tr);
    }
    get("body").replaceChildren(body);
    for (const o of came.options) if (o.value) o.textContent = names[o.value];
    for (const o of kind.options) if (o.value) o.textContent = word(o.value);
    for (const o of finding.options) if (o.value) o.textContent = called(o.value);
    get("count").textContent = number.format(shown.length) + " / " + number.format(rows.length);
    const pages = Math.max(1, Math.ceil(shown.length / PAGE));
    get("page").textContent = (at / PAGE + 1) + " / " + pages;
    get("back").disabled = at === 0;
    get("forth").disabled = at + PAGE >= shown.length;
  };
  const filter = () => {
    const wanted = words.value.normalize("NFKC").toLowerCase().split(/\s+/).filter(Boolean);
    shown = [];
    for (let i = 0; i < rows.length; i++) {
      const r = rows[i];
      if (came.value && String(r[0]) !== came.value) continue;
      if (kind.value && r[2] !== kind.value) continue;
      if (finding.value && !r[6].some((f) => f[0] === finding.value)) continue;
      if (!wanted.every((w) => text[i].includes(w))) continue;
      shown.push(i);
    }
    if (sorted !== null) {
      shown.sort((a, b) => {
        const x = rows[a][sorted], y = rows[b][sorted];
        const order = x < y ? -1 : x > y ? 1 : a - b;
        return down ? -order : order;
      });
    }
    at = 0;
    draw();
  };
  const reset = () => {
    for (const input of [words, came, kind, finding]) input.value = "";
  };

  for (const input of [words, came, kind, finding]) input.addEventListener("input", filter);
  get("filter").addEventListener("submit", (event) => event.preventDefault());
  get("reset").addEventListener("click", () => { reset(); filter(); });
  get("back").addEventListener("click", () => { at -= PAGE; draw(); });
  get("forth").addEventListener("click", () => { at += PAGE; draw(); });
  get("switch").addEventListener("click", () => {
    root.lang = root.lang === "ja" ? "en" : "ja";
    draw();
  });
  for (const button of document.querySelectorAll("button[data-sort]")) {
    button.addEventListener("click", () => {
      const by = Number(button.dataset.sort);
      down = sorted === by && !down;
      sorted = by;
      filter();
    });
  }
  for (const button of document.querySelectorAll(".bars button")) {
    button.addEventListener("click", () => {
      const data = button.dataset;
      reset();
      if (data.kind) kind.value = data.kind;
      else if (data.finding) finding.value = data.finding;
      else words.value = data.refusal;
      filter();
      get("filter").scrollIntoView();
    });
  }
  const left = get("left");
  if (Number(left.dataset.left) > 0) {
    left.hidden = false;
    left.querySelector("b").textContent = left.dataset.left;
  }
  // a link can carry a search: report.html#invoice
  words.value = decodeURIComponent(location.hash.slice(1));
  filter();
  // for whoever looks from outside whether the page is alive, and how soon (ms since it was opened)
  root.dataset.ready = String(shown.length);
  root.dataset.after = String(Math.round(performance.now()));
})();
