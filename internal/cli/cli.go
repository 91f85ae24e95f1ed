// Package cli owns what both programs do with a command line: where the values
// of flags come from, how a program ends, and how it prints a failure.
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
)

// ExitCode is an error that ends a program without a message.
type ExitCode int

func (c ExitCode) Error() string { return fmt.Sprintf("exit code %d", int(c)) }

// UsageError is a command line that makes no sense.
type UsageError struct{ Err error }

func (e *UsageError) Error() string { return e.Err.Error() }

// Unwrap returns the cause, which may carry a hint.
func (e *UsageError) Unwrap() error { return e.Err }

// Usagef makes a UsageError.
func Usagef(format string, args ...any) error { return &UsageError{fmt.Errorf(format, args...)} }

// Program is a command line and what it runs.
type Program struct {
	// Parser makes the program's parser, with options more.
	Parser   func(options ...kong.Option) (*kong.Kong, error)
	Settings *Settings
	Stdout   io.Writer
	Stderr   io.Writer
	// Run does what the command line asks for.
	Run func(*kong.Context) error
	// Fail prints an error and its hint.
	Fail func(error)
	// Help is the hint to a command line that is wrong; "" for none.
	Help string
}

// Main parses a command line, runs it and returns the exit code.
func (p *Program) Main(args []string) (code int) {
	// kong ends the program after --help and --version.
	parser, err := p.Parser(kong.Writers(p.Stdout, p.Stderr), kong.Resolvers(p.Settings),
		kong.Exit(func(code int) { panic(ExitCode(code)) }))
	if err != nil {
		panic(err) // the grammar is wrong, and tests read it
	}

	defer func() {
		switch r := recover().(type) {
		case nil:
		case ExitCode:
			code = int(r)
		default:
			panic(r)
		}
	}()

	command, err := Parse(parser, args)
	if err == nil {
		err = p.Run(command)
	} else if _, ok := errors.AsType[*UsageError](err); ok && p.Help != "" {
		err = hint.Wrap(err, "%s", p.Help)
	}

	return p.exit(err)
}

// Parse parses a command line. Its errors are a *UsageError, or about the
// configuration file or the environment.
func Parse(parser *kong.Kong, args []string) (*kong.Context, error) {
	command, err := parser.Parse(args)
	if elsewhere, ok := errors.AsType[*settingError](err); ok {
		return nil, elsewhere.error // kong names the first flag that was looked for
	}
	if err != nil {
		return nil, &UsageError{err}
	}
	return command, nil
}

// exit prints an error, and returns the exit code that it stands for.
func (p *Program) exit(err error) int {
	if err == nil {
		return ExitOK
	}
	if code, ok := errors.AsType[ExitCode](err); ok {
		return int(code)
	}

	p.Fail(err)
	if _, ok := errors.AsType[*UsageError](err); ok {
		return ExitUsage
	}

	return ExitFailed
}

// Port is the number of a TCP port; 0 is a free one.
type Port int

// Validate implements kong's check of a value.
func (p Port) Validate() error {
	if p < 0 || p > 65535 {
		return fmt.Errorf("invalid port %d (want 0–65535)", int(p))
	}
	return nil
}
