// Package cli is the part of the command line that both programs share: where the
// values of flags come from, exit codes, and the reporting of errors.
package cli

import (
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"github.com/chameleoncloud/refapi/internal/hint"
)

// Exit codes.
const (
	ExitOK     = 0
	ExitFailed = 1 // something failed, or differs
	ExitUsage  = 2 // the command line is wrong
	ExitPinned = 3 // nothing was published, because a release is pinned
	ExitLive   = 4 // nothing was published, because it is live already; only if asked for
)

// ExitCode is an error that ends a program without a message.
type ExitCode int

func (c ExitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// UsageError is the error for an invalid command line.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap returns the cause, which may carry a hint.
func (e *UsageError) Unwrap() error { return e.Err }

// Usagef makes a UsageError.
func Usagef(format string, args ...any) error { return &UsageError{fmt.Errorf(format, args...)} }

// Program is a command line and what it runs.
type Program struct {
	// Parser returns the program's parser, with additional options.
	Parser   func(options ...kong.Option) (*kong.Kong, error)
	Settings *Settings
	Stdout   io.Writer
	Stderr   io.Writer
	// Run runs the selected command.
	Run func(*kong.Context) error
	// Fail prints an error and its hint.
	Fail func(error)
	// Help is the hint for an invalid command line; "" for none.
	Help string
}

// Main parses a command line, runs it and returns the exit code.
func (p *Program) Main(args []string) int {
	ended := false // by --help or --version, after which kong goes on
	parser, err := p.Parser(kong.Writers(p.Stdout, p.Stderr), kong.Resolvers(p.Settings),
		kong.Exit(func(int) { ended = true }))
	if err != nil {
		panic(err) // a bug in the flags, which every test would find
	}

	command, err := Parse(parser, args)
	if ended {
		return ExitOK
	}
	if err == nil {
		err = p.Run(command)
	} else if isUsage(err) && p.Help != "" && hint.Of(err) == "" {
		err = hint.Wrap(err, "%s", p.Help)
	}

	code, silent := errors.AsType[ExitCode](err)
	switch {
	case err == nil:
		return ExitOK
	case silent:
		return int(code)
	}

	p.Fail(err)
	if isUsage(err) {
		return ExitUsage
	}

	return ExitFailed
}

func isUsage(err error) bool {
	_, ok := errors.AsType[*UsageError](err)
	return ok
}

// Parse parses a command line. Its errors are a *UsageError, or about the
// configuration file or the environment.
func Parse(parser *kong.Kong, args []string) (*kong.Context, error) {
	command, err := parser.Parse(args)
	if elsewhere, ok := errors.AsType[*settingError](err); ok {
		return nil, elsewhere.error // kong prefixes it with a flag that is not at fault
	}
	if err != nil {
		return nil, &UsageError{err}
	}
	return command, nil
}
