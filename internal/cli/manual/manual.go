// Package manual prints a command line in other forms than --help: as a man page, and as
// completion for bash, zsh and fish. All come from kong's model, which is what --help prints.
package manual

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// Flag is the flag --help-as. Its value is one of [Forms].
type Flag string

// Forms are what [Flag] takes.
const Forms = "man,bash,zsh,fish"

// BeforeReset implements kong's hook: it prints and ends the program, like --help, before
// anything reads a configuration.
func (Flag) BeforeReset(app *kong.Kong, ctx *kong.Context) error {
	for _, p := range ctx.Path {
		if p.Flag == nil || p.Flag.Name != "help-as" {
			continue
		}
		if err := Write(app.Stdout, app.Model, fmt.Sprint(ctx.FlagValue(p.Flag))); err != nil {
			return err
		}
		app.Exit(0)
	}
	return nil
}

// Write prints a program's command line in a form.
func Write(w io.Writer, program *kong.Application, form string) error {
	text := ""
	switch form {
	case "man":
		text = man(program)
	case "bash":
		text = bash(program)
	case "zsh":
		text = zsh(program)
	case "fish":
		text = fish(program)
	default:
		return fmt.Errorf("--help-as must be one of %s, not %q", Forms, form)
	}
	_, err := io.WriteString(w, text)
	return err
}

// commands are a program's, without hidden ones.
func commands(program *kong.Application) []*kong.Node {
	return slices.DeleteFunc(slices.Clone(program.Children), func(c *kong.Node) bool { return c.Hidden })
}

// flags are those that a node adds to its parent's, without hidden ones.
func flags(node *kong.Node) []*kong.Flag {
	return slices.DeleteFunc(slices.Clone(node.Flags), func(f *kong.Flag) bool { return f.Hidden })
}

// allFlags are those that a node takes: its parent's, too.
func allFlags(node *kong.Node) []*kong.Flag {
	if node.Parent == nil {
		return flags(node)
	}
	return append(flags(node), flags(node.Parent)...)
}

// kind says what the value of a flag or of an argument is.
type kind int

const (
	nothing kind = iota // a flag without a value
	free                // a value that a shell cannot guess
	choice              // one of a few words
	file
	directory
)

// kindOf tells it by the type and the placeholder, as a person does.
func kindOf(v *kong.Value, placeholder string) kind {
	is := func(word string) bool { return slices.Contains(strings.Split(placeholder, "|"), word) }
	switch {
	case v.Flag != nil && (v.IsBool() || v.IsCounter()):
		return nothing
	case v.Enum != "":
		return choice
	case is("FILE"), is("PATH"), is("BUNDLE"):
		return file
	case is("DIR"):
		return directory
	}
	return free
}

func kindOfFlag(f *kong.Flag) kind { return kindOf(f.Value, f.PlaceHolder) }

func kindOfArgument(v *kong.Positional) kind { return kindOf(v, v.Tag.PlaceHolder) }

// choices are the words that a value may be.
func choices(v *kong.Value) []string {
	return slices.DeleteFunc(v.EnumSlice(), func(word string) bool { return word == "" })
}

// names are all spellings of a flag.
func names(f *kong.Flag) []string {
	all := []string{"--" + f.Name}
	if f.Tag.Negatable != "" {
		all = append(all, "--no-"+f.Name)
	}
	if f.Short != 0 {
		all = append(all, "-"+string(f.Short))
	}
	return all
}

// line is a node with the words that a shell has read before: the name of a command, or "".
type line struct {
	word string
	node *kong.Node
}

// lines are the program itself and each command.
func lines(program *kong.Application) []line {
	all := []line{{"", program.Node}}
	for _, c := range commands(program) {
		all = append(all, line{c.Name, c})
	}
	return all
}

func commandNames(program *kong.Application) (all []string) {
	for _, c := range commands(program) {
		all = append(all, c.Name)
	}
	return all
}
