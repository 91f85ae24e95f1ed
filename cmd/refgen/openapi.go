package main

import (
	"bytes"
	"encoding/json"

	"github.com/chameleoncloud/refapi/internal/openapi"
)

type openapiCmd struct {
	BaseURL    string `help:"Address that links start with." placeholder:"URL"`
	PathPrefix string `help:"Path that links start with." placeholder:"/PATH"`
}

// Run implements the command.
func (cmd *openapiCmd) Run(a *app) error {
	base, err := baseOf(cmd.BaseURL, cmd.PathPrefix)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := json.Indent(&out, openapi.Document(openapi.Options{Base: base}), "", "  "); err != nil {
		return err
	}
	a.stdout.printf("%s\n", out.Bytes())
	return nil
}
