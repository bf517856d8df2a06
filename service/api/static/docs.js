// The page's only script: shows the OpenAPI document, makes a form of a pack's facts, shows the answer.
"use strict";

const find = (id) => document.getElementById(id);
let pack = null;
let token = ""; // in memory only: never in the address, in a cookie or in the browser's storage
const given = {};

function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function request(url, options = {}) {
  const headers = { ...options.headers, ...(token ? { Authorization: `Bearer ${token}` } : {}) };
  return fetch(url, { ...options, headers });
}

async function read(url) {
  const answer = await request(url);
  const content = await answer.json();
  if (!answer.ok) throw content;
  return content;
}

// Why the page cannot show what the server has: mostly the token is missing or wrong.
function showRefusal(problem) {
  const why = token ? "The server does not know this token." : "This server needs a token. Ask its operator for one. The page keeps it in memory only.";
  find("about-token").textContent = problem.status === 401 ? why : `${problem.status} ${problem.code}: ${problem.detail}`;
  find("access").classList.add("problem");
}

function rows(parent, entries) {
  parent.replaceChildren(...entries.map((cells) =>
    element("tr", cells.id ? { id: cells.id } : {}, ...cells.map((cell) => element("td", {}, cell)))));
}

function showOperations(document_) {
  const entries = Object.entries(document_.paths).flatMap(([path, methods]) =>
    Object.entries(methods).filter(([, operation]) => operation.responses).map(([method, operation]) => [
      element("code", {}, `${method.toUpperCase()} ${path}`),
      operation.summary || "",
      Object.keys(operation.responses).join(" "),
    ]));
  const body = element("tbody");
  rows(body, entries);
  find("operations").replaceChildren(element("table", {}, body));
  rows(find("codes"), document_["x-problems"].map((problem) =>
    Object.assign([String(problem.status), element("code", {}, problem.code), problem.title],
      { id: `problem-${problem.code}` })));
}

// A control for one fact. An empty control leaves the fact out, so that it is unknown.
function control(fact) {
  const options = (values) => element("select", {}, element("option", { value: "" }, "–"),
    ...values.map(([value, text]) => element("option", { value }, text)));
  let made;
  if (fact.type === "boolean") made = options([["true", "true"], ["false", "false"]]);
  else if (fact.type === "enum") made = options(fact.values.map((value) => [value.code, value.text || value.code]));
  else {
    const hints = { datetime: "2026-01-01T09:30:00+08:00", duration: "1h30m",
      list: fact.values ? fact.values.map((value) => value.code).join(", ") : "a, b" };
    made = element("input", { placeholder: hints[fact.type] || "" });
    if (["integer", "number"].includes(fact.type)) Object.assign(made, { type: "number", step: "any" });
  }
  made.setAttribute("aria-label", fact.name);
  made.value = given[fact.name] || "";
  made.addEventListener("input", () => {
    given[fact.name] = made.value;
    writeBody();
  });
  return made;
}

function valueOf(fact, text) {
  if (["integer", "number"].includes(fact.type)) return Number(text);
  if (fact.type === "boolean") return text === "true";
  if (fact.type !== "list") return text;
  const items = text.split(/[,，]/).map((item) => item.trim()).filter(Boolean);
  return ["integer", "number"].includes(fact.of) ? items.map(Number) : items;
}

function writeBody() {
  const facts = {};
  for (const fact of pack.facts) {
    if (!given[fact.name]) continue;
    const parts = fact.name.split(".");
    const leaf = parts.pop();
    const group = parts.reduce((branch, part) => (branch[part] ??= {}), facts);
    group[leaf] = valueOf(fact, given[fact.name]);
  }
  find("body").value = JSON.stringify({ facts, locale: find("locale").value, pack: pack.name }, null, 2);
}

function showFacts() {
  const wanted = find("search").value.toLowerCase();
  const found = pack.facts.filter((fact) => `${fact.name} ${fact.text}`.toLowerCase().includes(wanted));
  find("facts").replaceChildren(...found.map((fact) => element("div", { class: "fact" },
    element("span", {}, fact.text, element("small", {}, fact.name + (fact.unit ? ` · ${fact.unit}` : ""))),
    control(fact))));
}

async function readPack() {
  pack = await read(`/v1/packs/${find("pack").value}?locale=${find("locale").value}`);
  showFacts();
  writeBody();
}

// Date, hour and minute as the server gives them, in the pack's time zone.
const moment = (text) => (text || "").slice(0, 16).replace("T", " ");

function table(title, headings, entries) {
  if (!entries.length) return null;
  const body = element("tbody");
  rows(body, entries);
  const head = element("thead", {}, element("tr", {}, ...headings.map((text) => element("th", {}, text))));
  return element("div", {}, element("h3", {}, title), element("table", {}, head, body));
}

function showAnswer(status, answer) {
  const raw = element("details", {}, element("summary", {}, `HTTP ${status}`),
    element("pre", {}, JSON.stringify(answer, null, 2)));
  if (status !== 200) {
    const errors = (answer.errors || []).map((error) => [element("code", {}, error.path), error.message, error.hint]);
    find("answer").replaceChildren(element("div", { class: "problem" },
      element("strong", {}, `${answer.status} ${answer.code}`), element("p", {}, answer.detail || "")),
    table("Wrong fields", ["where", "what", "hint"], errors) || "", raw);
    raw.open = true;
    return;
  }
  const level = (lifted) => (lifted.level ? `card level-${lifted.level}` : "card");
  const cards = Object.keys(answer.at_worst).map((name) => element("div", { class: level(answer[name]) },
    element("span", { class: "soft" }, name), element("strong", {}, answer[name].text),
    element("span", { class: "soft" }, `at worst: ${answer.at_worst[name].text}; at best: ${answer.at_best[name].text}`)));
  find("answer").replaceChildren(
    element("div", { class: "lifted" }, ...cards),
    element("p", {}, answer.provisional ? "Provisional: unknown facts could change it." : "Not provisional."),
    table("Actions", ["what", "who", "due"], answer.actions.map((action) =>
      [`${action.text} (${action.code})`, action.owner || "", moment(action.due_at)])) || "",
    table("Blocked", ["what", "ground", "instead"], answer.blocked.map((block) =>
      [block.text, block.ground || "", block.instead.join(", ")])) || "",
    table("Held until known", ["what", "facts"], answer.held.map((hold) => [hold.text, hold.until.join(", ")])) || "",
    table("Reasons", ["rule", "why"], answer.reasons.map((reason) => [element("code", {}, reason.rule), reason.text])) || "",
    table("Unknown facts, and the outputs they could change", ["fact", "outputs"], answer.unknowns.map((unknown) =>
      [unknown.text, unknown.could_change.join(", ")])) || "",
    raw);
}

async function send() {
  const answer = await request("/v1/assessments",
    { method: "POST", headers: { "Content-Type": "application/json" }, body: find("body").value });
  showAnswer(answer.status, await answer.json());
}

function showLanguages(packs) {
  const chosen = packs.find((entry) => entry.name === find("pack").value);
  find("locale").replaceChildren(...chosen.languages.map((code) => element("option", { value: code }, code)));
  find("locale").value = chosen.locale;
}

// Reads what the server has. It is called again with each token.
async function start() {
  const [document_, { packs }] = await Promise.all([read("/openapi.json"), read("/v1/packs")]);
  find("access").classList.remove("problem");
  find("about-token").textContent = token ? "The server accepts the token." : "This server needs no token.";
  showOperations(document_);
  const first = packs.find((entry) => entry.default) || packs[0];
  find("pack").replaceChildren(...packs.map((entry) => element("option", { value: entry.name }, entry.name)));
  find("pack").value = first.name;
  showLanguages(packs);
  find("pack").onchange = () => { showLanguages(packs); readPack(); };
  await readPack();
}

function useToken() {
  token = find("token").value.trim();
  start().catch(showRefusal);
}

// A link sends no token.
async function openDocument(event) {
  if (!token) return;
  event.preventDefault();
  const answer = await request("/openapi.json");
  element("a", { href: URL.createObjectURL(await answer.blob()), download: "openapi.json" }).click();
}

find("openapi").addEventListener("click", openDocument);
find("locale").addEventListener("change", readPack);
find("search").addEventListener("input", showFacts);
find("send").addEventListener("click", send);
find("use").addEventListener("click", useToken);
find("token").addEventListener("keydown", (event) => { if (event.key === "Enter") useToken(); });
start().catch(showRefusal);
