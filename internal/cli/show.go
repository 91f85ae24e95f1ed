package cli

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/chameleoncloud/refapi/internal/config"
)

// ShowConfig prints each value of a configuration, and where it came from.
func ShowConfig(w io.Writer, c *config.Config, asJSON bool) error {
	if asJSON {
		out := json.NewEncoder(w)
		out.SetIndent("", "  ")
		return out.Encode(struct {
			File   string         `json:"file"` // "" for none
			Values []config.Shown `json:"values"`
		}{c.File(), c.Show()})
	}

	if file := c.File(); file != "" {
		fmt.Fprintf(w, "# read from %s\n\n", file)
	}

	return config.WriteShown(w, c.Show())
}
