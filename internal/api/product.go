package api

// ProductVersion is the version of both programs and of the contract, the
// OpenAPI document's info.version. Raise it with every release, and with every
// change of that document: patch for wording, minor for additions, major for
// what breaks clients.
const ProductVersion = "2.0.0"
