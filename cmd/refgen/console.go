package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"

	jsonv2 "github.com/go-json-experiment/json"
	jsonv1 "github.com/go-json-experiment/json/v1"
	"golang.org/x/term"
)

// console is an output stream: a terminal, with or without colors, or neither.
type console struct {
	io.Writer
	terminal bool
	color    bool
	level    slog.Level // least severity of messages
}

func newConsole(w io.Writer, getenv func(string) string) *console {
	c := &console{Writer: w}
	if f, ok := w.(*os.File); ok {
		c.terminal = term.IsTerminal(int(f.Fd())) && getenv("TERM") != "dumb"
	}
	c.color = c.terminal && getenv("NO_COLOR") == ""
	return c
}

// SGR parameters (ECMA-48).
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	cyan   = "36"
)

// paint puts text in a color, on a terminal that wants colors.
func (c *console) paint(sgr, text string) string {
	if !c.color {
		return text
	}
	return "\x1b[" + sgr + "m" + text + "\x1b[0m"
}

func (c *console) printf(format string, args ...any) { fmt.Fprintf(c, format, args...) }

func (c *console) error(text string) { c.message(red, "error:", text) }
func (c *console) hint(text string)  { c.message(cyan, "hint:", text) }

func (c *console) warning(text string) {
	if c.level <= slog.LevelWarn {
		c.message(yellow, "warning:", text)
	}
}

func (c *console) debug(text string) {
	if c.level <= slog.LevelDebug {
		c.message(dim, "debug:", text)
	}
}

func (c *console) message(sgr, kind, text string) {
	c.printf("refgen: %s %s\n", c.paint(sgr, kind), text)
}

// printJSON writes a value as indented JSON.
func (c *console) printJSON(value any) error {
	text, err := jsonv2.Marshal(value, jsonv1.FormatDurationAsNano(true))
	if err != nil {
		return err
	}
	return c.printIndented(text)
}

// printIndented writes a JSON text, indented.
func (c *console) printIndented(text []byte) error {
	var out bytes.Buffer
	if err := json.Indent(&out, text, "", "  "); err != nil {
		return err
	}
	_, err := fmt.Fprintln(c, out.String())
	return err
}

// printFirst prints the first items of a list, and how many there are more.
func printFirst[T any](c *console, items []T, limit int, noun string, print func(T)) {
	for _, item := range items[:min(limit, len(items))] {
		print(item)
	}
	if more := len(items) - limit; more > 0 {
		c.printf("… and %s\n", plural(more, "more "+noun))
	}
}

// status shows one line of progress in the place of the one before; only on a
// terminal. An empty text clears it.
func (c *console) status(text string) {
	if c.terminal {
		c.printf("\r\x1b[K%s", text)
	}
}

// plural counts things: "1 node", "2 nodes".
func plural(n int, noun string) string {
	if stem, ok := strings.CutSuffix(noun, "y"); n != 1 && ok {
		noun = stem + "ies"
	} else if n != 1 {
		noun += "s"
	}
	return fmt.Sprintf("%s %s", thousands(n), noun)
}

// thousands writes a number with separators: 12,345.
func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0 && s[i-1] != '-'; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}

// size writes a number of bytes: 999 B, 12.3 kB, 4.5 MB.
func size(n int64) string {
	switch f := float64(n); {
	case n < 1000:
		return fmt.Sprintf("%d B", n)
	case n < 1000_000:
		return fmt.Sprintf("%.1f kB", f/1e3)
	case n < 1000_000_000:
		return fmt.Sprintf("%.1f MB", f/1e6)
	default:
		return fmt.Sprintf("%.1f GB", f/1e9)
	}
}
