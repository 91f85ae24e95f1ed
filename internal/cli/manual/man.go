package manual

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// roff escapes what groff would read as its own: backslashes, hyphens, which would become
// typographic ones that cannot be copied to a shell, and dots and quotes at the start of a line.
func roff(text string) string {
	text = strings.NewReplacer(`\`, `\e`, "-", `\-`).Replace(text)
	if strings.HasPrefix(text, ".") || strings.HasPrefix(text, "'") {
		return `\&` + text
	}
	return text
}

// man is a man page, in the macros of man(7).
func man(program *kong.Application) string {
	var b strings.Builder
	summary, rest, _ := strings.Cut(program.Help, ": ")

	fmt.Fprintf(&b, ".TH %s 1 \"\" \"%s\" \"Reference API\"\n", strings.ToUpper(program.Name), roff(program.Vars()["version"]))
	fmt.Fprintf(&b, ".SH NAME\n%s \\- %s\n", program.Name, roff(lowerFirst(strings.TrimSuffix(summary, "."))))

	fmt.Fprintf(&b, ".SH SYNOPSIS\n")
	if len(commands(program)) == 0 {
		synopsis(&b, program.Name, program.Node)
	}
	for _, c := range commands(program) {
		synopsis(&b, program.Name+" "+c.Name, c)
	}

	if rest != "" {
		fmt.Fprintf(&b, ".SH DESCRIPTION\n%s\n", roff(upperFirst(rest)))
	}

	fmt.Fprintf(&b, ".SH OPTIONS\n")
	options(&b, program.Node)
	for i, c := range commands(program) {
		if i == 0 {
			fmt.Fprintf(&b, ".SH COMMANDS\n")
		}
		fmt.Fprintf(&b, ".SS %s %s\n%s\n", program.Name, c.Name, roff(c.Help))
		options(&b, c)
	}

	b.WriteString(".SH EXIT STATUS\n0 for success, 1 if something failed or differs, 2 for an invalid command line.\n")
	b.WriteString(".SH FILES\n.TP\n.I /etc/refapi/config.toml\nThe configuration of both programs.\n")

	return b.String()
}

func synopsis(b *strings.Builder, words string, node *kong.Node) {
	fmt.Fprintf(b, ".B %s\n", roff(words))
	if len(allFlags(node)) > 0 {
		b.WriteString("[\\fIflags\\fR]\n")
	}
	for _, p := range node.Positional {
		fmt.Fprintf(b, ".I %s\n", roff(argument(p)))
	}
	b.WriteString(".br\n")
}

func options(b *strings.Builder, node *kong.Node) {
	for _, f := range flags(node) {
		var spelled []string
		for _, name := range names(f) {
			spelled = append(spelled, `\fB`+roff(name)+`\fR`)
		}

		value := ""
		if kindOfFlag(f) != nothing {
			value = `=\fI` + roff(placeholder(f)) + `\fR`
		}
		fmt.Fprintf(b, ".TP\n%s%s\n%s\n", strings.Join(spelled, ", "), value, roff(f.Help))
	}
}

// placeholder stands for a flag's value: the words to choose from, where there are any.
func placeholder(f *kong.Flag) string {
	if kindOfFlag(f) == choice {
		return strings.Join(choices(f.Value), "|")
	}
	return f.FormatPlaceHolder()
}

func argument(p *kong.Positional) string {
	if p.Tag.PlaceHolder != "" {
		return p.Tag.PlaceHolder
	}
	return strings.ToUpper(p.Name)
}

func lowerFirst(text string) string { return strings.ToLower(text[:1]) + text[1:] }

func upperFirst(text string) string { return strings.ToUpper(text[:1]) + text[1:] }
