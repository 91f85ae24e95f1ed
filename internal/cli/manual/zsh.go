package manual

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

// zsh is for a directory of $fpath, as a file named _PROGRAM.
func zsh(program *kong.Application) string {
	var b strings.Builder
	fmt.Fprintf(&b, "#compdef %[1]s\n# zsh completion for %[1]s, printed by %[1]s --help-as zsh\n", program.Name)

	if len(commands(program)) == 0 {
		b.WriteString(zshArguments(program.Node) + "\n")
		return b.String()
	}

	b.WriteString("local state line\nlocal -a commands=(\n")
	for _, c := range commands(program) {
		fmt.Fprintf(&b, "    %s\n", quote(c.Name+":"+c.Help))
	}
	fmt.Fprintf(&b, ")\n%s \\\n    '1: :->command' '*:: :->rest'\n", strings.Replace(
		zshArguments(program.Node), "_arguments", "_arguments -C", 1))

	b.WriteString("case $state in\ncommand) _describe command commands ;;\nrest)\n    case $words[1] in\n")
	for _, c := range commands(program) {
		fmt.Fprintf(&b, "    %s) %s ;;\n", c.Name, zshArguments(c))
	}
	b.WriteString("    esac ;;\nesac\n")

	return b.String()
}

func zshArguments(node *kong.Node) string {
	var b strings.Builder
	b.WriteString("_arguments")
	for _, f := range allFlags(node) {
		k := kindOfFlag(f)
		for _, name := range names(f) {
			if k != nothing && strings.HasPrefix(name, "--") {
				name += "="
			}
			help := strings.NewReplacer("[", `\[`, "]", `\]`, ":", `\:`).Replace(f.Help)
			fmt.Fprintf(&b, " \\\n        %s", quote("*"+name+"["+help+"]"+zshAction(f.Value, k, placeholder(f))))
		}
	}

	for _, p := range node.Positional {
		fmt.Fprintf(&b, " \\\n        %s", quote("*"+strings.TrimPrefix(zshAction(p, kindOfArgument(p), argument(p)), " ")))
	}
	return b.String()
}

func zshAction(v *kong.Value, k kind, placeholder string) string {
	message := strings.NewReplacer(":", `\:`).Replace(placeholder)
	switch k {
	case choice:
		return ":" + message + ":(" + strings.Join(choices(v), " ") + ")"
	case file:
		return ":" + message + ":_files"
	case directory:
		return ":" + message + ":_files -/"
	case free:
		return ":" + message + ": "
	}
	return ""
}

// quote makes one word of a text.
func quote(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" }
