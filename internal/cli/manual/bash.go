package manual

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// bash is for the directory of bash-completion, or to be sourced.
func bash(program *kong.Application) string {
	var values, words strings.Builder
	for _, l := range lines(program) {
		bashValues(&values, l)
		bashWords(&words, l, commandNames(program))
	}

	return fmt.Sprintf(`# bash completion for %[1]s, printed by %[1]s --help-as bash
_%[1]s() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} command= i

    # "=" between a flag and its value is a word of its own.
    if [ "$cur" = "=" ]; then
        cur=
    elif [ "$prev" = "=" ]; then
        prev=${COMP_WORDS[COMP_CWORD-2]}
    fi

    for ((i = 1; i < COMP_CWORD; i++)); do
        case ${COMP_WORDS[i]} in %[2]s) command=${COMP_WORDS[i]} && break ;; esac
    done

    case $command:$prev in
%[3]s    esac

    case $command:$cur in
%[4]s    esac
}
complete -F _%[1]s %[1]s
`, program.Name, cmp.Or(strings.Join(commandNames(program), "|"), "''"), &values, &words)
}

// bashValues writes what the values of flags may be, a row for each kind.
func bashValues(b *strings.Builder, l line) {
	patterns := map[string][]string{}
	for _, f := range allFlags(l.node) {
		for _, name := range names(f) {
			action := bashAction(f.Value, kindOfFlag(f))
			patterns[action] = append(patterns[action], l.word+":"+name)
		}
	}

	for _, action := range slices.Sorted(maps.Keys(patterns)) {
		if action != "" {
			fmt.Fprintf(b, "    %s)\n        %s\n        return ;;\n", strings.Join(patterns[action], "|"), action)
		}
	}
}

// bashWords writes which flags, commands and arguments there are.
func bashWords(b *strings.Builder, l line, commands []string) {
	var all []string
	for _, f := range allFlags(l.node) {
		all = append(all, names(f)...)
	}
	fmt.Fprintf(b, "    %s:-*) %s ;;\n", l.word, reply("-W '"+strings.Join(all, " ")+"'"))

	if l.word == "" && len(commands) > 0 {
		fmt.Fprintf(b, "    :*) %s ;;\n", reply("-W '"+strings.Join(commands, " ")+"'"))
	}
	if len(l.node.Positional) > 0 {
		p := l.node.Positional[0]
		fmt.Fprintf(b, "    %s:*) %s ;;\n", l.word, bashAction(p, kindOfArgument(p)))
	}
}

func bashAction(v *kong.Value, k kind) string {
	switch k {
	case choice:
		return reply("-W '" + strings.Join(choices(v), " ") + "'")
	case file:
		return "compopt -o filenames; " + reply("-f")
	case directory:
		return "compopt -o filenames; " + reply("-d")
	case free:
		return "COMPREPLY=()"
	}
	return ""
}

// reply completes by a list of words, or by files.
func reply(words string) string { return `mapfile -t COMPREPLY < <(compgen ` + words + ` -- "$cur")` }
