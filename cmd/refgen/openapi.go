package main

import (
	"bytes"
	"cmp"
	"encoding/json"

	"github.com/chameleoncloud/refapi/internal/openapi"
)

type openapiCmd struct {
	urlFlags
}

// Run implements the command.
func (cmd *openapiCmd) Run(a *app) error {
	at, err := cmd.location()
	if err != nil {
		return err
	}

	var out bytes.Buffer
	doc := openapi.Document(openapi.Options{Base: cmp.Or(at.URL, at.Path)})
	if err := json.Indent(&out, doc, "", "  "); err != nil {
		return err
	}

	a.stdout.printf("%s\n", out.Bytes())
	return nil
}
