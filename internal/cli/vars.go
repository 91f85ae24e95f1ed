package cli

import (
	"strings"

	"github.com/alecthomas/kong"

	"github.com/chameleoncloud/refapi/internal/config"
)

// Vars are what the texts of flags can name: each setting's default, as section_key, and
// what values some have.
func Vars() kong.Vars {
	vars := kong.Vars{
		"config":      strings.Join(config.Places(), ", "),
		"log_levels":  config.LogLevels,
		"log_formats": config.LogFormats,
	}
	for _, s := range config.Default().Settings() {
		vars[strings.Join(s.Key, "_")] = s.Text()
	}
	return vars
}
