package cli

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"

	"github.com/chameleoncloud/refapi/internal/config"
)

// ConfigVariable is the environment variable that names the configuration file.
const ConfigVariable = "REFERENCE_API_CONFIG"

// ConfigFlags are the flags of both programs for the configuration.
type ConfigFlags struct {
	Config string   `help:"Configuration file (default: ${config}, the first that is there)." placeholder:"FILE"`
	Set    []string `help:"Set any key of the configuration, such as nginx.rate=100." placeholder:"KEY=VALUE" sep:"none"`
}

// Settings resolves the settings of both programs with one precedence: command line,
// environment, configuration file, default. A flag with a tag key sets that key of
// [config.Config]; a tag text is the value for a flag without one.
type Settings struct {
	Getenv func(string) string
	Places []string // see [config.Load]
	// Config is what they result in, nil before the command line was parsed.
	Config *config.Config
}

// settingError is an error in the configuration file or the environment.
type settingError struct{ error }

func (e *settingError) Unwrap() error { return e.error }

// Validate implements [kong.Resolver].
func (s *Settings) Validate(*kong.Application) error { return nil }

// Resolve implements [kong.Resolver].
func (s *Settings) Resolve(ctx *kong.Context, _ *kong.Path, flag *kong.Flag) (any, error) {
	// These must work without a valid configuration.
	if flag.Name == "config" || flag.Name == "help" {
		return nil, nil
	}
	if s.Config == nil {
		if err := s.read(ctx); err != nil {
			return nil, &settingError{err}
		}
	}

	// Flags that exclude each other keep what the command line says: what else sets
	// their keys is in Config alone.
	key := flag.Tag.Get("key")
	if key == "" || flag.Tag.Has("text") || len(flag.Xor) > 0 {
		return nil, nil
	}

	text, err := s.Config.Text(key)
	if err != nil || text == "" {
		return nil, err
	}

	return text, nil
}

// read reads the configuration: each source sets what it has in place of the one before.
func (s *Settings) read(ctx *kong.Context) error {
	given := givenFlags(ctx)
	path := s.Getenv(ConfigVariable)
	for _, flag := range given {
		if flag.Name == "config" {
			path = fmt.Sprint(ctx.FlagValue(flag))
		}
	}

	c, err := config.Load(path, s.Places...)
	if err != nil {
		return err
	}
	if err := s.setFromEnvironment(c); err != nil {
		return err
	}

	for _, flag := range given {
		if err := setFromFlag(c, flag, ctx.FlagValue(flag)); err != nil {
			return &UsageError{err}
		}
	}

	from, err := c.Validate()
	if from == config.FromFlag {
		return &UsageError{err}
	}

	s.Config = c
	return err
}

// givenFlags are the flags on the command line, --set first.
func givenFlags(ctx *kong.Context) (flags []*kong.Flag) {
	seen := map[*kong.Flag]bool{}
	for _, p := range ctx.Path {
		if p.Flag == nil || seen[p.Flag] {
			continue
		}
		seen[p.Flag] = true
		if p.Flag.Name == "set" {
			flags = append([]*kong.Flag{p.Flag}, flags...)
		} else {
			flags = append(flags, p.Flag)
		}
	}
	return flags
}

// setFromEnvironment sets what has a variable that is not empty.
func (s *Settings) setFromEnvironment(c *config.Config) error {
	for _, setting := range c.Settings() {
		for _, name := range setting.Variables() {
			if text := s.Getenv(name); text != "" {
				from := config.Origin{Source: config.FromEnvironment, Name: name}
				if err := c.Set(setting.Key.String(), text, from); err != nil {
					return err
				}
				break
			}
		}
	}
	return nil
}

// setFromFlag sets what a flag of the command line does.
func setFromFlag(c *config.Config, flag *kong.Flag, value any) error {
	from := config.Origin{Source: config.FromFlag, Name: "--" + flag.Name}
	if flag.Name == "set" {
		for _, text := range value.([]string) {
			key, value, ok := strings.Cut(text, "=")
			if !ok {
				return fmt.Errorf("--set %s: want KEY=VALUE", text)
			}
			from.Name = "--set " + key
			if err := c.Set(key, value, from); err != nil {
				return err
			}
		}
		return nil
	}

	key, text := flag.Tag.Get("key"), flag.Tag.Get("text")
	if key == "" || text != "" && value == false {
		return nil
	}
	if text == "" {
		text = flagText(value)
	}

	return c.Set(key, text, from)
}

// flagText is the value of a flag as text.
func flagText(value any) string {
	if all, ok := value.([]string); ok {
		return strings.Join(all, ",")
	}
	return fmt.Sprint(value)
}
