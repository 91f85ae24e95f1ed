// Code that sends a request, as the API explorer shows it beside curl. A request has
// url, method, headers (an object) and body (a string, or undefined).

// A JSON string is a string literal in all three languages.
const quote = JSON.stringify;

// List renders an object's members as lines of code.
const list = (object, line) => Object.entries(object).map(([name, value]) => line(quote(name), quote(value)));

const isJSON = (headers) => headers.accept?.includes("json");

export const python = ({ url, method, headers, body }) =>
  [
    ...(isJSON(headers) ? ["import json"] : []),
    "import urllib.request",
    "",
    "request = urllib.request.Request(",
    `    ${quote(url)},`,
    `    method=${quote(method)},`,
    `    headers={${list(headers, (name, value) => `${name}: ${value}`).join(", ")}},`,
    ...(body === undefined ? [] : [`    data=${quote(body)}.encode(),`]),
    ")",
    "with urllib.request.urlopen(request) as response:",
    isJSON(headers) ? "    print(json.load(response))" : "    print(response.read().decode())",
  ].join("\n");

export const javascript = ({ url, method, headers, body }) =>
  [
    `const response = await fetch(${quote(url)}, {`,
    `  method: ${quote(method)},`,
    `  headers: { ${list(headers, (name, value) => `${name}: ${value}`).join(", ")} },`,
    ...(body === undefined ? [] : [`  body: ${quote(body)},`]),
    "});",
    "if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);",
    `console.log(await response.${isJSON(headers) ? "json" : "text"}());`,
  ].join("\n");

export const go = ({ url, method, headers, body }) =>
  [
    "package main",
    "",
    "import (",
    '\t"io"',
    '\t"log"',
    '\t"net/http"',
    '\t"os"',
    ...(body === undefined ? [] : ['\t"strings"']),
    ")",
    "",
    "func main() {",
    `\treq, err := http.NewRequest(${quote(method)}, ${quote(url)}, ${body === undefined ? "nil" : `strings.NewReader(${quote(body)})`})`,
    "\tif err != nil {",
    "\t\tlog.Fatal(err)",
    "\t}",
    ...list(headers, (name, value) => `\treq.Header.Set(${name}, ${value})`),
    "",
    "\tres, err := http.DefaultClient.Do(req)",
    "\tif err != nil {",
    "\t\tlog.Fatal(err)",
    "\t}",
    "\tdefer res.Body.Close()",
    "",
    "\tif res.StatusCode != http.StatusOK {",
    "\t\tlog.Fatal(res.Status)",
    "\t}",
    "\tif _, err := io.Copy(os.Stdout, res.Body); err != nil {",
    "\t\tlog.Fatal(err)",
    "\t}",
    "}",
  ].join("\n");
