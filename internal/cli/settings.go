package cli

import (
	"fmt"
	"reflect"

	"github.com/alecthomas/kong"

	"github.com/chameleoncloud/refapi/internal/config"
)

// Setting is a flag that the environment or the configuration file can set, too.
type Setting struct {
	Flag string
	Env  string // environment variable
	// File returns the value in the configuration file, or its default there; ""
	// leaves the flag unset.
	File func(*config.Config) string
}

// Settings resolves the flags of both programs with one precedence: command line,
// environment, configuration file, default. It reads the file when kong resolves the
// first flag, which is after --config was parsed.
type Settings struct {
	Table  []Setting
	Getenv func(string) string
	// Config is the file, nil until it was read.
	Config *config.Config
}

// settingError is an error in the configuration file or the environment.
type settingError struct{ error }

func (e *settingError) Unwrap() error { return e.error }

// Validate implements [kong.Resolver].
func (s *Settings) Validate(*kong.Application) error { return nil }

// Resolve implements [kong.Resolver].
func (s *Settings) Resolve(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	// These must work without a valid configuration file.
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

// readConfig reads the file that --config or REFERENCE_API_CONFIG names, else the
// default one if it exists.
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

// check decodes and validates the value of an environment variable. kong would do so,
// but its error would name a flag that is not on the command line.
func check(flag *kong.Flag, text string) error {
	value := reflect.New(flag.Target.Type()).Elem()
	decode := &kong.DecodeContext{Value: flag.Value, Scan: kong.Scan().PushTyped(text, kong.FlagValueToken)}
	if err := flag.Mapper.Decode(decode, value); err != nil {
		return err
	}

	if typed, ok := value.Interface().(interface{ Validate() error }); ok {
		return typed.Validate()
	}

	return nil
}
