// Starts Swagger UI on the element that names the API's description.
const root = document.getElementById("swagger-ui");

// What Swagger UI draws in a way that keeps people out is drawn otherwise.
const access = ({ React }) => ({
  wrapComponents: {
    // A link in a button: the button is enough. Links of tags have no button.
    DeepLink: (Original) => (props) => (props.path.includes("/") ? React.createElement("span", null, props.text) : React.createElement(Original, props)),
    // A choice without a name, of one server.
    ServersContainer: () => () => null,
  },
});

// The document names the server of the published site. What is tried out here is
// asked of the server that this page comes from: the one whose data it shows, and
// the only one that the page's content policy lets it ask.
const here = new URL(".", new URL(root.dataset.openapi, location.href)).href.replace(/\/$/, "");
const local = () => ({
  statePlugins: {
    spec: {
      wrapActions: {
        updateJsonSpec: (original) => (spec) => original({ ...spec, servers: [{ url: here }] }),
      },
    },
  },
});

// Names, and a place among those that the keyboard reaches, for what has none.
const attributes = [
  [".copy-to-clipboard > button", "aria-label", () => "Copy"],
  [".examples-select-element", "aria-label", () => "Example"],
  [".parameters select", "aria-label", (e) => e.closest("[data-param-name]")?.dataset.paramName ?? "Value"],
  [".microlight", "tabindex", () => "0"],
  [".responses-table", "role", () => "table"],
];
const name = () => {
  for (const [selector, attribute, value] of attributes) {
    for (const e of root.querySelectorAll(selector)) if (e.getAttribute(attribute) !== value(e)) e.setAttribute(attribute, value(e));
  }
};
new MutationObserver(name).observe(root, { childList: true, subtree: true });

window.ui = SwaggerUIBundle({
  url: root.dataset.openapi,
  domNode: root,
  deepLinking: true,
  displayRequestDuration: true,
  defaultModelsExpandDepth: 0,
  docExpansion: "list",
  filter: true,
  plugins: [access, local],
  requestSnippetsEnabled: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
