/** Shows openapi.json as a page. */

const answer = await fetch("/openapi.json");
const description = await answer.json();

const operations = Object.entries(description.paths).flatMap(([path, methods]) =>
  Object.entries(methods)
    .filter(([method]) => method !== "head")
    .map(([method, operation]) => ({ path, method: method.toUpperCase(), ...operation })),
);

document.querySelector("#contents").append(
  element("ul", {}, operations.map((operation) =>
    element("li", {}, element("a", { href: `#${operation.operationId}` }, operation.summary)))),
);
document.querySelector("#operations").append(...operations.map(section));
document.querySelector("#formats table").replaceWith(formats(description["x-formats"] ?? []));
document.getElementById(location.hash.slice(1))?.scrollIntoView();

/** One operation as a section. */
function section(operation) {
  const taken = operation.requestBody?.content ?? {};
  const body = taken["application/json"]?.schema; // a file has none
  const head = operation.method === "GET" && description.paths[operation.path].head;
  return element("section", { id: operation.operationId }, [
    element("h2", {}, [element("code", {}, [
      element("span", { className: "method" }, operation.method), operation.path])]),
    element("p", {}, `${operation.summary}.${head ? " HEAD works too." : ""}`),
    element("p", { className: "soft" }, operation.description),
    ...(operation.parameters.length ? [element("h3", {}, "Takes"), parameters(operation)] : []),
    ...(body ? [element("h3", {}, "Body"), shape(body)] : []),
    ...(operation.requestBody && !body
      ? [element("h3", {}, "Body"), element("p", {}, ["A file: ", ...codes(Object.keys(taken))])] : []),
    element("h3", {}, "Answers"),
    responses(operation),
  ]);
}

function parameters(operation) {
  return table(operation.parameters.map((parameter) => [
    element("code", {}, parameter.name),
    parameter.in,
    element("code", {}, brief(parameter.schema)),
    parameter.description ?? "",
  ]));
}

function responses(operation) {
  return table(Object.entries(operation.responses).map(([status, response]) => {
    const [phrase, codes] = response.description.split(": ");
    const content = Object.entries(response.content ?? {});
    const named = content.find(([, { schema }]) => schema.$ref);
    return [
      element("code", {}, status),
      phrase,
      codes ? codes.split(", ").flatMap(errorLink) : content.map(([type]) => type).join(", "),
      named && !codes ? details(named[1].schema) : "",
    ];
  }));
}

/** What the installed addons read and write. */
function formats(known) {
  const titles = ["Format", "Type", "Endings", "Read by", "Written by", "May be asked"];
  const made = table(known.map((one) => [
    one.title,
    element("code", {}, one.type),
    codes(one.endings),
    one.reads ?? "",
    one.writes ?? "",
    codes([...new Set([...one.reading, ...one.writing].map(({ name }) => name))]),
  ]));
  made.prepend(element("thead", {}, element("tr", {}, titles.map((title) => element("th", {}, title)))));
  return made;
}

function codes(words) {
  return words.flatMap((word, place) => [place ? ", " : "", element("code", {}, word)]);
}

function errorLink(code) {
  return [element("a", { href: `/docs/errors#${code}` }, code), " "];
}

function details(schema) {
  return element("details", {}, [
    element("summary", {}, schema.$ref.split("/").at(-1)), shape(schema)]);
}

/** A schema with its references followed, as an example of its form. */
function shape(schema) {
  return element("pre", {}, JSON.stringify(form(schema, 0), null, 2));
}

function form(schema, depth) {
  if (schema.$ref) return form(description.components.schemas[schema.$ref.split("/").at(-1)], depth);
  if (schema.anyOf) {
    const forms = schema.anyOf.map((one) => form(one, depth));
    return forms.find((one) => typeof one === "object") ?? forms.join(" | ");
  }
  if (schema.type === "object" && schema.properties && depth < 4) {
    const required = new Set(schema.required);
    return Object.fromEntries(Object.entries(schema.properties).map(([name, value]) =>
      [required.has(name) ? name : `${name}?`, form(value, depth + 1)]));
  }
  if (schema.type === "array" && schema.items) return [form(schema.items, depth + 1)];
  return brief(schema);
}

function brief(schema) {
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  const range = [
    schema.minimum !== undefined ? `from ${schema.minimum}` : "",
    schema.maximum !== undefined ? `to ${schema.maximum}` : "",
    schema.default !== undefined ? `else ${JSON.stringify(schema.default)}` : "",
  ].filter(Boolean).join(" ");
  return [schema.type ?? "any", range].filter(Boolean).join(" ");
}

function table(rows) {
  return element("table", {}, rows.map((cells) =>
    element("tr", {}, cells.map((cell) => element("td", {}, cell)))));
}

function element(name, properties, children = []) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...[children].flat());
  return made;
}
