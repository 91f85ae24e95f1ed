package cli

import (
	"fmt"
	"reflect"
	"strconv"

	"github.com/alecthomas/kong"

	"github.com/chameleoncloud/refapi/internal/config"
)

// Setting is a flag that can be set elsewhere, too.
type Setting struct {
	Flag string
	Env  string // variable of the environment
	// File returns the value of the configuration file, which is the default where
	// the file has none; "" leaves the flag unset.
	File func(*config.Config) string
}

// Settings resolves the flags of both programs by one rule: what is given comes
// first, then the environment, then the configuration file, then the default. It
// reads the file when the first flag is looked for, which is after --config was
// read.
type Settings struct {
	Table  []Setting
	Getenv func(string) string
	// Config is the file that was read.
	Config *config.Config
}

// settingError is a fault of the configuration or the environment.
type settingError struct{ error }

func (e *settingError) Unwrap() error { return e.error }

// Validate implements [kong.Resolver].
func (s *Settings) Validate(*kong.Application) error { return nil }

// Resolve implements [kong.Resolver].
func (s *Settings) Resolve(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	if flag.Name == "config" || flag.Name == "help" {
		return nil, nil
	}
	if err := s.readConfig(ctx); err != nil {
		return nil, &settingError{err}
	}

	for _, known := range s.Table {
		if known.Flag != flag.Name {
			continue
		}
		if v := s.Getenv(known.Env); v != "" {
			if err := check(flag, v); err != nil {
				return nil, &settingError{fmt.Errorf("%s: %w", known.Env, err)}
			}
			return v, nil
		}
		if v := known.File(s.Config); v != "" {
			return v, nil
		}
	}

	return nil, nil
}

// readConfig reads the file that --config or REFERENCE_API_CONFIG names, else
// the usual one if it is there.
func (s *Settings) readConfig(ctx *kong.Context) (err error) {
	if s.Config != nil {
		return nil
	}

	path := s.Getenv("REFERENCE_API_CONFIG")
	for _, p := range ctx.Path {
		if p.Flag != nil && p.Flag.Name == "config" {
			path = fmt.Sprint(ctx.FlagValue(p.Flag))
		}
	}

	s.Config, err = config.Load(".", path)
	return err
}

// check reports what is wrong with a text for a flag. kong would name the flag,
// which nobody has given.
func check(flag *kong.Flag, text string) error {
	if flag.Target.Kind() != reflect.Int {
		return nil
	}

	n, err := strconv.Atoi(text)
	if err != nil {
		return fmt.Errorf("%q is not a number", text)
	}
	if flag.Target.Type() == reflect.TypeFor[Port]() {
		return Port(n).Validate()
	}

	return nil
}
