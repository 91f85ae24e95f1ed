package api

// ProductVersion is the version of both programs. Raise it with every release; after
// one, it is that of the next.
const ProductVersion = "1.1.0"

// ContractVersion is the version of what clients rely on, the OpenAPI document's
// info.version. Raise it with the first change of that document after a release: patch
// for wording, minor for additions, major for what breaks clients.
const ContractVersion = "2.1.0"
