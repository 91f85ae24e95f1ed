package manual

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// fish is for a directory of $fish_complete_path.
func fish(program *kong.Application) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# fish completion for %[1]s, printed by %[1]s --help-as fish\ncomplete -c %[1]s -f\n", program.Name)

	for _, c := range commands(program) {
		fmt.Fprintf(&b, "complete -c %s -n __fish_use_subcommand -a %s -d %s\n", program.Name, c.Name, fishQuote(c.Help))
	}

	seen := ""
	for _, l := range lines(program) {
		if l.word != "" {
			seen = " -n '__fish_seen_subcommand_from " + l.word + "'"
		}
		for _, f := range flags(l.node) {
			for _, name := range names(f) {
				option := " -l " + strings.TrimPrefix(name, "--")
				if !strings.HasPrefix(name, "--") {
					option = " -s " + strings.TrimPrefix(name, "-")
				}
				fmt.Fprintf(&b, "complete -c %s%s%s%s -d %s\n", program.Name, seen, option, fishAction(f.Value, kindOfFlag(f)),
					fishQuote(f.Help))
			}
		}

		for _, p := range l.node.Positional {
			if k := kindOfArgument(p); k == file || k == directory {
				fmt.Fprintf(&b, "complete -c %s%s -F\n", program.Name, seen)
				break
			}
		}
	}

	return b.String()
}

func fishAction(v *kong.Value, k kind) string {
	switch k {
	case choice:
		return " -x -a '" + strings.Join(choices(v), " ") + "'"
	case file:
		return " -r -F"
	case directory:
		return " -x -a '(__fish_complete_directories)'"
	case free:
		return " -x"
	}
	return ""
}

func fishQuote(text string) string {
	return "'" + strings.NewReplacer(`\`, `\\`, "'", `\'`).Replace(text) + "'"
}
