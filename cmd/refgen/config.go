package main

import (
	"cmp"

	"github.com/chameleoncloud/refapi/internal/cli"
)

type configCmd struct {
	Show bool `help:"Print each value, and where it came from."`
	JSON bool `help:"Print them as JSON." name:"json"`
}

// Run implements the command.
func (cmd *configCmd) Run(a *app) error {
	if cmd.Show || cmd.JSON {
		return cli.ShowConfig(a.stdout, a.Config, cmd.JSON)
	}
	a.stdout.printf("%s: valid\n", cmp.Or(a.Config.File(), "no configuration file"))
	return nil
}
