// Package schema owns the JSON Schemas (draft 2020-12) of the reference
// repository's files: the validator checks by them, and the API publishes them.
package schema

import (
	"embed"
	"strings"
)

//go:embed *.json
var files embed.FS

// Kinds are the kinds of files that have a schema, sorted.
func Kinds() []string {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(err) // they are compiled in
	}
	var kinds []string
	for _, e := range entries {
		kinds = append(kinds, strings.TrimSuffix(e.Name(), ".json"))
	}
	return kinds
}

// Of returns the schema of a kind.
func Of(kind string) []byte {
	src, err := files.ReadFile(kind + ".json")
	if err != nil {
		panic(err) // they are compiled in
	}
	return src
}
