package main

import (
	"bytes"
	"cmp"
	"encoding/json"

	"github.com/chameleoncloud/refapi/internal/openapi"
)

type openapiCmd struct {
	BaseURL    string `help:"URL of the published site." placeholder:"URL"`
	PathPrefix string `help:"Path that it is served below." placeholder:"/PATH"`
}

// Run implements the command.
func (cmd *openapiCmd) Run(a *app) error {
	at, err := addressOf(cmd.BaseURL, cmd.PathPrefix)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, openapi.Document(openapi.Options{Base: cmp.Or(at.URL, at.Path)}), "", "  "); err != nil {
		return err
	}
	a.stdout.printf("%s\n", out.Bytes())
	return nil
}
