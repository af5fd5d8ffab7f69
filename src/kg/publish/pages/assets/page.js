// Runs the query without leaving the page. Everything works without this file too.
"use strict";

const form = document.querySelector("form.editor");
const result = document.querySelector("#result");

function element(name, text, attributes = {}) {
  const node = document.createElement(name);
  if (text !== undefined) node.textContent = text;
  for (const [key, value] of Object.entries(attributes)) node.setAttribute(key, value);
  return node;
}

function cell(term) {
  const td = element("td");
  if (!term) return td;
  if (term.type === "uri" && /^https?:/.test(term.value)) {
    const ids = form.dataset.ids;
    const text = term.value.startsWith(ids) ? term.value.slice(ids.length) : term.value;
    td.append(element("a", text, { href: term.value, rel: "noreferrer" }));
  } else if (term.type === "triple") {
    td.textContent = JSON.stringify(term.value);
  } else {
    td.append(element("span", term.value, term["xml:lang"] ? { lang: term["xml:lang"] } : {}));
  }
  return td;
}

function table(answer, limit) {
  const head = element("tr");
  for (const name of answer.head.vars) head.append(element("th", name, { scope: "col" }));
  const body = element("tbody");
  for (const row of answer.results.bindings.slice(0, limit)) {
    const line = element("tr");
    for (const name of answer.head.vars) line.append(cell(row[name]));
    body.append(line);
  }
  const heading = element("thead");
  heading.append(head);
  const whole = element("table", undefined, { class: "rows" });
  whole.append(heading, body);
  const frame = element("div", undefined, { class: "scroll", tabindex: "0" });
  frame.append(whole);
  return frame;
}

function show(...nodes) {
  result.replaceChildren(...nodes);
  result.hidden = false;
}

async function run() {
  const say = form.dataset;
  const button = form.querySelector("button");
  button.disabled = true;
  show(element("p", say.running, { class: "count" }));
  const asked = new URLSearchParams(new FormData(form));
  asked.delete("format"); // the rest is the query, the language and what the page carries on
  try {
    const response = await fetch("/sparql", {
      method: "POST",
      body: asked,
      headers: {
        Accept: "application/sparql-results+json, text/turtle",
        "Accept-Language": document.documentElement.lang,
      },
    });
    const text = await response.text();
    const type = response.headers.get("content-type") || "";
    if (!response.ok) {
      show(element("p", type.includes("json") ? JSON.parse(text).detail : text, { class: "notice bad" }));
    } else if (!type.includes("json")) {
      show(text ? element("pre", text, { tabindex: "0" }) : element("p", say.empty, { class: "notice" }));
    } else {
      const answer = JSON.parse(text);
      const limit = 1000;
      if ("boolean" in answer) {
        show(element("p", answer.boolean ? say.yes : say.no, { class: "boolean" }));
      } else if (!answer.results.bindings.length) {
        show(element("p", say.empty, { class: "notice" }));
      } else {
        const rows = answer.results.bindings.length;
        const more = rows > limit ? `; ${say.shown} ${limit}` : "";
        show(element("p", `${rows} ${rows === 1 ? say.row : say.rows}${more}`, { class: "count" }), table(answer, limit));
      }
    }
    if (response.headers.has("x-result-truncated")) result.prepend(element("p", say.cut, { class: "notice" }));
  } catch {
    show(element("p", say.failed, { class: "notice bad" }));
  } finally {
    button.disabled = false;
    result.scrollIntoView({ block: "nearest" });
  }
}

if (form && result) {
  form.addEventListener("submit", (event) => {
    if (form.elements.format.value !== "html") return;
    event.preventDefault();
    run();
  });
  form.elements.query.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-query]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    form.elements.query.value = link.dataset.query;
    form.elements.format.value = "html";
    document.querySelector("#ask").scrollIntoView();
    run();
  });
}
