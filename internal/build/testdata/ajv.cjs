// Compiles the JSON Schemas of an array on standard input strictly, and holds their
// examples against them. Prints what is wrong, a line each.
const Ajv = require("ajv/dist/2020");
const addFormats = require("ajv-formats");
const fs = require("fs");

for (const schema of JSON.parse(fs.readFileSync(0))) {
  const ajv = new Ajv({ strict: true, allErrors: true });
  addFormats(ajv);
  ajv.addVocabulary(["x-unit", "x-extensible-enum"]); // docs/api.md describes them

  try {
    ajv.compile(schema);
    check(ajv, schema, schema.$id + "#");
  } catch (err) {
    console.log(`${schema.$id}: ${err.message}`);
  }
}

function check(ajv, part, at) {
  for (const example of part.examples ?? []) {
    if (!ajv.validate({ $ref: at }, example)) {
      console.log(`${at}: ${JSON.stringify(example)}: ${ajv.errorsText()}`);
    }
  }
  for (const list of ["properties", "$defs"]) {
    for (const [name, child] of Object.entries(part[list] ?? {})) {
      check(ajv, child, `${at}/${list}/${name}`);
    }
  }
  for (const name of ["items", "additionalProperties"]) {
    if (typeof part[name] === "object") check(ajv, part[name], `${at}/${name}`);
  }
}
