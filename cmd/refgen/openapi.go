package main

import (
	"cmp"

	"github.com/chameleoncloud/refapi/internal/openapi"
)

type openapiCmd struct {
	urlFlags
}

// Run implements the command.
func (cmd *openapiCmd) Run(a *app) error {
	site, path, err := cmd.location()
	if err != nil {
		return err
	}

	return a.stdout.printIndented(openapi.Document(openapi.Options{
		Base: cmp.Or(site, path), DataLicense: a.Config.Links.DataLicense,
	}))
}
