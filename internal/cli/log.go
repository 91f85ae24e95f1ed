package cli

import (
	"io"
	"log/slog"

	"github.com/chameleoncloud/refapi/internal/config"
)

// LogFlags are the flags of both programs for what they log.
type LogFlags struct {
	LogLevel  string `help:"Least severity of what is logged: ${log_levels} (default: ${log_level})." placeholder:"LEVEL" enum:"${log_levels}" default:"${log_level}" key:"log.level"`
	LogFormat string `help:"Log format: ${log_formats} (default: ${log_format})." placeholder:"FORMAT" enum:"${log_formats}" default:"${log_format}" key:"log.format"`
	Verbose   bool   `help:"The same as --log-level=debug, as is --debug." short:"v" aliases:"debug" key:"log.level" text:"debug"`
}

// NewLog returns the logger that a configuration describes.
func NewLog(w io.Writer, c config.Log) *slog.Logger {
	options := &slog.HandlerOptions{Level: Level(c)}
	if c.Format == "json" {
		return slog.New(slog.NewJSONHandler(w, options))
	}
	return slog.New(slog.NewTextHandler(w, options))
}

// Level is the least severity of what is logged.
func Level(c config.Log) slog.Level {
	var level slog.Level
	_ = level.UnmarshalText([]byte(c.Level)) // config has checked it
	return level
}
