// Entry of the API explorer: starts Swagger UI on the element that has the URL of
// the OpenAPI document.
import * as snippets from "./snippets.js";

const root = document.getElementById("swagger-ui");

// What Swagger UI draws in a way that is not accessible is drawn differently.
const accessible = ({ React }) => ({
  wrapComponents: {
    // A link in a button: the button is enough. Links of tags have no button.
    DeepLink: (Original) => (props) =>
      props.path.includes("/") ? React.createElement("span", null, props.text) : React.createElement(Original, props),
    // A select without a name, of one server.
    ServersContainer: () => () => null,
    // An operation is drawn before its references are resolved, and Swagger UI finds
    // nothing to execute until then.
    execute: (Original) => (props) =>
      props.operation?.get("operationId") ? React.createElement(Original, props) : null,
  },
});

// What was executed is shown as curl, and as code of three languages.
const languages = { curl_bash: "curl", python: "Python", javascript: "JavaScript", go: "Go" };
const generators = () => ({
  fn: Object.fromEntries(
    Object.entries(snippets).map(([language, write]) => [
      `requestSnippetGenerator_${language}`,
      (request) =>
        write({
          url: request.get("url"),
          method: request.get("method"),
          headers: request.get("headers")?.toJS() ?? {},
          body: request.get("body"),
        }),
    ]),
  ),
});

// The document names the server of the published site. Requests and links of this page
// go to the server that it comes from: the one whose data it shows, and the only one that
// its content security policy allows.
const server = new URL(".", new URL(root.dataset.openapi, location.href)).href.replace(/\/$/, "");
const sameServer = () => ({
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (original) => (spec) => {
          const guide = spec.externalDocs?.url.replace(spec.servers?.[0]?.url, server);
          return original({
            ...spec,
            servers: [{ url: server }],
            externalDocs: { ...spec.externalDocs, url: guide },
          });
        },
      },
    },
  },
});

// Elements that lack a name, a role or a place in the tab order get one.
const attributes = [
  [".copy-to-clipboard > button", "aria-label", () => "Copy"],
  [".examples-select-element", "aria-label", () => "Example"],
  [".parameters select", "aria-label", (e) => e.closest("[data-param-name]")?.dataset.paramName ?? "Value"],
  [".microlight", "tabindex", () => "0"],
  [".responses-table", "role", () => "table"],
];
const label = () => {
  for (const [selector, attribute, value] of attributes) {
    for (const e of root.querySelectorAll(selector))
      if (e.getAttribute(attribute) !== value(e)) e.setAttribute(attribute, value(e));
  }
};
// Once for all that changed before a picture is drawn: there are thousands of changes.
let waits = false;
new MutationObserver(() => {
  if (waits) return;
  waits = true;
  requestAnimationFrame(() => {
    waits = false;
    label();
  });
}).observe(root, { childList: true, subtree: true });

SwaggerUIBundle({
  url: root.dataset.openapi,
  domNode: root,
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
  filter: true,
  plugins: [accessible, sameServer, generators],
  requestSnippetsEnabled: true,
  requestSnippets: {
    generators: Object.fromEntries(
      Object.entries(languages).map(([name, title]) => [name, { title, syntax: name.replace("curl_", "") }]),
    ),
    defaultExpanded: true,
    languages: Object.keys(languages),
  },
  tryItOutEnabled: true,
  validatorUrl: null,
});
